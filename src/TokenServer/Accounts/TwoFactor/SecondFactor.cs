using Microsoft.AspNetCore.DataProtection;
using OtpNet;
using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.Accounts.TwoFactor;

/// <summary>The one check of a second factor: a TOTP code or a recovery code, each good once on all faces together,
/// guesses bounded.</summary>
internal sealed class SecondFactor(IDataProtectionProvider protection, AccountsOptions options, TimeProvider clock, Instruments instruments)
{
    private const int StepSeconds = 30;
    private readonly IDataProtector protector = protection.CreateProtector("TotpSecret");

    /// <summary>What is stored of a TOTP secret.</summary>
    public string Seal(byte[] secret) => Convert.ToBase64String(protector.Protect(secret));

    /// <summary>The secret that <see cref="Seal"/> stored.</summary>
    public byte[] Open(string stored) => protector.Unprotect(Convert.FromBase64String(stored));

    /// <summary>Uses <paramref name="code"/> up, in the caller's transaction;
    /// give the answer to <see cref="Count"/> after the commit.</summary>
    public SecondFactorVerdict Use(Statements s, int accountId, string code, string? address, string? clientId = null)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        var verdict = SecondFactorVerdict.Locked;
        string why = AuditReason.Locked;
        // While the password is locked, a right one from before helps nobody, either.
        if (!Lockout.SecondFactors.IsLocked(s, accountId, options, now) && !Lockout.Passwords.IsLocked(s, accountId, options, now))
        {
            if (ProblemOf(s, accountId, code) is { } problem) why = problem;
            else if (Lockout.SecondFactors.Pass(s, accountId, options, now)) return SecondFactorVerdict.Right;
            verdict = Lockout.SecondFactors.Fail(s, accountId, options, now)
                ? SecondFactorVerdict.WrongAndLocks : SecondFactorVerdict.Wrong;
            if (verdict == SecondFactorVerdict.WrongAndLocks)
                AuditTrail.Append(s, new AuditEvent("second_factor.locked", now)
                    { Target = accountId.ToString(), ClientId = clientId, Address = address });
        }
        AuditTrail.Append(s, new AuditEvent("second_factor.failed", now)
            { Target = accountId.ToString(), ClientId = clientId, Address = address, Detail = why });
        return verdict;
    }

    /// <summary>Counts what <see cref="Use"/> found.</summary>
    public void Count(SecondFactorVerdict verdict)
    {
        if (verdict == SecondFactorVerdict.WrongAndLocks) instruments.Locked("second_factor");
    }

    /// <summary>Whether an account's second factor is on.</summary>
    public static bool IsOn(Statements s, int accountId) =>
        s.First("""SELECT 1 FROM "AspNetUsers" WHERE "Id"=@p0 AND "TwoFactorEnabled" """, _ => "", accountId) is not null;

    /// <summary>Turns the second factor on if <paramref name="code"/> is of the secret that was set up,
    /// in the caller's transaction.</summary>
    public bool Enable(Statements s, int accountId, string code)
    {
        string? stored = s.First("""SELECT "TotpSecret" FROM "AspNetUsers" WHERE "Id"=@p0 AND NOT "TwoFactorEnabled" """,
            r => Row.TextOrNull(r, 0) ?? "", accountId);
        if (string.IsNullOrEmpty(stored) || StepOf(Open(stored), code, clock.GetUtcNow()) is not { } step) return false;
        return s.Execute("""
            UPDATE "AspNetUsers" SET "TwoFactorEnabled"=@p1, "TotpLastStep"=@p2
            WHERE "Id"=@p0 AND "TotpSecret"=@p3 AND NOT "TwoFactorEnabled"
            """, accountId, true, step, stored) == 1;
    }

    /// <summary>The time step of RFC 6238, the one of <paramref name="now"/> or one beside it, whose code this is, with whatever blanks an
    /// app shows it; null where there is none.</summary>
    public static long? StepOf(byte[] secret, string code, DateTimeOffset now) =>
        new Totp(secret).VerifyTotp(now.UtcDateTime, string.Concat(code.Where(c => !CodeText.IsBlank(c))), out long step,
            VerificationWindow.RfcSpecifiedNetworkDelay) ? step : null;

    /// <summary>The code of RFC 6238 that an authenticator app shows at <paramref name="now"/>.</summary>
    public static string CodeOf(byte[] secret, DateTimeOffset now) => new Totp(secret).ComputeTotp(now.UtcDateTime);

    // Null where it is right, and used up by that.
    private string? ProblemOf(Statements s, int accountId, string code)
    {
        string? stored = s.First("""SELECT "TotpSecret" FROM "AspNetUsers" WHERE "Id"=@p0 AND "TwoFactorEnabled" """,
            r => Row.TextOrNull(r, 0) ?? "", accountId);
        if (string.IsNullOrEmpty(stored)) return AuditReason.WrongCode;
        DateTimeOffset now = clock.GetUtcNow();
        if (StepOf(Open(stored), code, now) is not { } step)
            return RecoveryCodes.Use(s, accountId, code) ? null : AuditReason.WrongCode;
        // A step later than any that a code is taken of now was stored by a clock that was ahead.
        long latest = (now + StoredTime.Skew).ToUnixTimeSeconds() / StepSeconds + 1;
        return s.Execute("""
            UPDATE "AspNetUsers" SET "TotpLastStep"=@p1 WHERE "Id"=@p0 AND ("TotpLastStep" < @p1 OR "TotpLastStep" > @p2)
            """, accountId, step, latest) == 1 ? null : AuditReason.CodeReplayed;
    }
}

/// <summary>What became of a code. Wrong: or used before. WrongAndLocks: so often that no code is accepted from here on for a while.
/// Locked: no code is accepted now, since too many codes or passwords were wrong.</summary>
internal enum SecondFactorVerdict { Right, Wrong, WrongAndLocks, Locked }
