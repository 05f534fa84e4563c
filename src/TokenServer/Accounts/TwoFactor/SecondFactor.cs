using Microsoft.AspNetCore.DataProtection;
using OtpNet;
using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.Accounts.TwoFactor;

/// <summary>The one check of a second factor: a TOTP code or a recovery code, each good once on all faces together,
/// guesses bounded.</summary>
internal sealed class SecondFactor(IDataProtectionProvider protection, TimeOrderedId ids, AccountsOptions options, TimeProvider clock,
    Instruments instruments)
{
    private const int StepSeconds = 30, SecretBytes = 20;
    private readonly IDataProtector protector = protection.CreateProtector("TotpSecret");

    /// <summary>What is stored of a TOTP secret.</summary>
    private string Seal(byte[] secret) => Convert.ToBase64String(protector.Protect(secret));

    /// <summary>The secret that <see cref="Seal"/> stored.</summary>
    private byte[] Open(string stored) => protector.Unprotect(Convert.FromBase64String(stored));

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

    /// <summary>A new secret for an authenticator, which opens nothing until a code of it is shown.</summary>
    public byte[] SetUp(Statements s, int accountId)
    {
        byte[] secret = System.Security.Cryptography.RandomNumberGenerator.GetBytes(SecretBytes);
        StoredAuthenticators.Add(s, new(ids.Next(), Seal(secret)), accountId, isProven: false, Now);
        return secret;
    }

    /// <summary>Has the authenticator that was set up count if <paramref name="code"/> is of it, in the caller's transaction; its id, or
    /// null where the code is wrong or nothing was set up.</summary>
    public long? Prove(Statements s, int accountId, string code, string name) =>
        StoredAuthenticators.Unproven(s, accountId) is { } stored && StepOf(Open(stored.Text), code, clock.GetUtcNow()) is { } step
        && StoredAuthenticators.Prove(s, stored.Id, name, step, Now) ? stored.Id : null;

    /// <summary>Turns the second factor on if <paramref name="code"/> is of the authenticator that was set up, in the caller's transaction.
    /// It is the only one then.</summary>
    public bool Enable(Statements s, int accountId, string code, string name)
    {
        if (IsOn(s, accountId) || Prove(s, accountId, code, name) is not { } id) return false;
        StoredAuthenticators.RemoveAll(s, accountId, kept: id);
        return s.Execute(
            """UPDATE "AspNetUsers" SET "TwoFactorEnabled"=@p1 WHERE "Id"=@p0 AND NOT "TwoFactorEnabled" """, accountId, true) == 1;
    }

    /// <summary>Turns the second factor on with a secret that somebody has already, in the place of all others, in the caller's
    /// transaction; the recovery codes are dead then. False where it is one of the account's.</summary>
    public bool Give(Statements s, int accountId, byte[] secret)
    {
        if (StoredAuthenticators.Secrets(s, accountId).Exists(stored => CryptographicOperations.FixedTimeEquals(Open(stored.Text), secret)))
            return false;
        TurnOff(s, accountId);
        StoredAuthenticators.Add(s, new(ids.Next(), Seal(secret)), accountId, isProven: true, Now);
        s.Execute("""UPDATE "AspNetUsers" SET "TwoFactorEnabled"=@p1 WHERE "Id"=@p0""", accountId, true);
        return true;
    }

    /// <summary>Turns the second factor off, with all authenticators and recovery codes, in the caller's transaction. False where it was
    /// off.</summary>
    public static bool TurnOff(Statements s, int accountId)
    {
        bool wasOn = s.Execute(
            """UPDATE "AspNetUsers" SET "TwoFactorEnabled"=@p1 WHERE "Id"=@p0 AND "TwoFactorEnabled" """, accountId, false) == 1;
        StoredAuthenticators.RemoveAll(s, accountId);
        s.Execute("""DELETE FROM "RecoveryCodes" WHERE "AccountId"=@p0""", accountId);
        return wasOn;
    }

    /// <summary>The time step of RFC 6238, the one of <paramref name="now"/> or one beside it, whose code this is, with whatever blanks an
    /// app shows it; null where there is none.</summary>
    public static long? StepOf(byte[] secret, string code, DateTimeOffset now) =>
        StepOf(secret, code, now, VerificationWindow.RfcSpecifiedNetworkDelay);

    private static long? StepOf(byte[] secret, string code, DateTimeOffset now, VerificationWindow window) =>
        new Totp(secret).VerifyTotp(now.UtcDateTime, string.Concat(code.Where(c => !CodeText.IsBlank(c))), out long step, window)
            ? step : null;

    /// <summary>The code of RFC 6238 that an authenticator app shows at <paramref name="now"/>.</summary>
    public static string CodeOf(byte[] secret, DateTimeOffset now) => new Totp(secret).ComputeTotp(now.UtcDateTime);

    // Null where it is right, and used up by that. Each authenticator has steps of its own.
    private string? ProblemOf(Statements s, int accountId, string code)
    {
        var secrets = StoredAuthenticators.Secrets(s, accountId);
        if (secrets.Count == 0) return AuditReason.WrongCode;
        DateTimeOffset now = clock.GetUtcNow();
        // A step later than any that a code is taken of now was stored by a clock that was ahead.
        long latest = (now + StoredTime.Skew).ToUnixTimeSeconds() / StepSeconds + 1;
        // Who guesses is not to have better odds for each: beside another one, a code from ahead of now is not taken.
        var window = secrets.Count == 1 ? VerificationWindow.RfcSpecifiedNetworkDelay : new VerificationWindow(previous: 1, future: 0);
        bool isOfOne = false;
        foreach (var stored in secrets)
        {
            if (StepOf(Open(stored.Text), code, now, window) is not { } step) continue;
            if (StoredAuthenticators.Use(s, stored.Id, step, latest, now.UtcDateTime)) return null;
            isOfOne = true;
        }
        if (isOfOne) return AuditReason.CodeReplayed;
        return RecoveryCodes.Use(s, accountId, code) ? null : AuditReason.WrongCode;
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}

/// <summary>What became of a code. Wrong: or used before. WrongAndLocks: so often that no code is accepted from here on for a while.
/// Locked: no code is accepted now, since too many codes or passwords were wrong.</summary>
internal enum SecondFactorVerdict { Right, Wrong, WrongAndLocks, Locked }
