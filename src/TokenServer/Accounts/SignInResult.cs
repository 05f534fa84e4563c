using TokenServer.Sessions;

namespace TokenServer.Accounts;

/// <summary>What became of an attempt to sign in.</summary>
internal abstract record SignInResult
{
    /// <summary>A session has started.</summary>
    internal sealed record SignedIn(StartedSession Started, AccountSnapshot Account) : SignInResult;

    /// <summary>The password was right, a second factor is due; nothing else has been given out.</summary>
    internal sealed record SecondFactorDue(string TempToken) : SignInResult;

    /// <summary>Wrong password, unknown, disabled or locked: a face says the same of all.</summary>
    internal sealed record Refused(bool UserIsUnknown) : SignInResult;

    /// <summary>The client has no way to ask for the second factor that is due.</summary>
    internal sealed record SecondFactorNotPossible : SignInResult;

    /// <summary>The account may not have one of the scopes.</summary>
    internal sealed record ScopeNotAllowed : SignInResult;

    /// <summary>The temp token is unknown, expired, used up or another client's.</summary>
    internal sealed record InvalidTempToken : SignInResult;

    /// <summary>The code is wrong, was used before, or no code is accepted now.</summary>
    internal sealed record InvalidCode : SignInResult;

    /// <summary>Too many passwords wait to be hashed: try again.</summary>
    internal sealed record Busy : SignInResult;
}
