using TokenServer.Audit;
using TokenServer.Storage;

namespace TokenServer.Sessions;

/// <summary>Who changes what belongs to an account: the account, by a session of its.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Address">The caller's address, for the audit trail.</param>
internal sealed record Owner(int AccountId, long SessionId, string? Address)
{
    public Actor Actor => new(AccountId.ToString(CultureInfo.InvariantCulture), Address);

    /// <summary>Whether the session goes on, asked in the transaction of the change: it may have ended since the request came in.</summary>
    public bool IsSignedIn(Statements s) => UserSessions.IsOpen(s, AccountId, SessionId);
}

/// <summary>What became of a change by an owner: the changed thing, or why there is none.</summary>
internal readonly record struct Owned<T>(T? Value, NotOwned Why) where T : class
{
    public static implicit operator Owned<T>(T value) => new(value, NotOwned.Owned);
    public static implicit operator Owned<T>(NotOwned why) => new(null, why);
}

/// <summary>Why a change was not made. SignedOut: the session has ended. NotThere: the account has no such thing.
/// BadName: nothing may be called so. LastWayIn: nobody could sign in without it. Halfway: the session was begun
/// without the second factor that the account has. BadEnd: it would have ended already, or never.</summary>
internal enum NotOwned { Owned, SignedOut, NotThere, NameTaken, TooMany, BadName, LastWayIn, Halfway, BadEnd }
