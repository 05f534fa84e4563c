using TokenServer.Accounts.TwoFactor;
using TokenServer.Audit;
using TokenServer.Sessions;
using TokenServer.Storage.Rows;

namespace TokenServer.Accounts;

/// <summary>What became of an attempt to sign in.</summary>
/// <param name="Outcome">In one word, for who counts.</param>
internal abstract record SignInResult(string Outcome)
{
    /// <summary>A session has started.</summary>
    internal sealed record SignedIn(StartedSession Started, AccountSnapshot Account) : SignInResult("ok");

    /// <summary>The password was right, a second factor is due; nothing else has been given out.</summary>
    internal sealed record SecondFactorDue(string TempToken) : SignInResult("second_factor_required");

    /// <summary>Wrong password, unknown, disabled or locked: a face says the same of all.</summary>
    internal sealed record Refused(string Why) : SignInResult(Why)
    {
        public const string WrongPassword = AuditReason.WrongPassword, UnknownUser = AuditReason.UnknownUser,
            Disabled = AuditReason.Disabled, Locked = AuditReason.Locked, PasswordChanged = AuditReason.PasswordChanged,
            ClientRevoked = AuditReason.ClientRevoked, UnknownPasskey = AuditReason.UnknownPasskey,
            WrongPasskey = AuditReason.WrongPasskey, CopiedPasskey = AuditReason.CopiedPasskey, PasskeyTooLate = AuditReason.PasskeyTooLate;

        public bool UserIsUnknown => Why == UnknownUser;
    }

    /// <summary>The client has no way to ask for the second factor that is due.</summary>
    internal sealed record SecondFactorNotPossible() : SignInResult("second_factor_not_possible");

    /// <summary>The account may not have one of the scopes.</summary>
    internal sealed record ScopeNotAllowed() : SignInResult("scope_not_allowed");

    /// <summary>The temp token is unknown, expired, used up or another client's.</summary>
    internal sealed record InvalidTempToken() : SignInResult("invalid_temp_token");

    /// <summary>The code is wrong, was used before, or no code is accepted now.</summary>
    internal sealed record InvalidCode(SecondFactorVerdict Verdict)
        : SignInResult(Verdict == SecondFactorVerdict.Locked ? "locked" : "wrong_code");

    /// <summary>Too many passwords wait to be hashed: try again.</summary>
    internal sealed record Busy() : SignInResult("busy");
}
