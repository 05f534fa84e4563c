using TokenServer.Storage.Rows;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Users;

/// <summary>The words of what is done to a user, and to what is the user's.</summary>
internal static class UserActWords
{
    public static ActWords Disable(AccountSnapshot account) => new($"Disable {Bidi.Of(account.UserName)}",
        "The user cannot sign in any more, and nothing that is the user's is good any more. "
            + "Enabling brings back API keys and tunnels; sessions have ended for good.",
        "Disable the user");

    public static ActWords Enable(AccountSnapshot account) => new($"Enable {Bidi.Of(account.UserName)}",
        "The user may sign in again. Sessions from before stay ended; API keys and tunnels work again.",
        "Enable the user");

    public static ActWords Delete(AccountSnapshot account) => new($"Delete {Bidi.Of(account.UserName)}",
        "The user and everything that is the user's are gone for good.",
        "Delete the user");

    public static ActWords Unlock(AccountSnapshot account) => new($"Unlock {Bidi.Of(account.UserName)}",
        "The user may try passwords and codes again at once, and the count of failures starts anew.",
        "Unlock the account");

    public static ActWords EndSessions(AccountSnapshot account) => new($"End all sessions of {Bidi.Of(account.UserName)}",
        "The user has to sign in again everywhere. API keys and tunnels stay.",
        "End all sessions");

    public static ActWords DeleteKey(AccountSnapshot account, string name) =>
        new($"Delete the API key {Bidi.Of(name)} of {Bidi.Of(account.UserName)}",
            "Programs that use it are refused at once.",
            "Delete the API key");

    public static ActWords RevokeTunnel(AccountSnapshot account, string name) =>
        new($"Revoke the token of {Bidi.Of(account.UserName)}'s tunnel {Bidi.Of(name)}",
            "The relay refuses it. The tunnel stays, and the user may give it a new token.",
            "Revoke the token");

    public static ActWords RemoveSecondFactor(AccountSnapshot account) =>
        new($"Remove the second factor of {Bidi.Of(account.UserName)}",
            "For a user who has lost it. The password alone signs the user in then; all authenticators and recovery codes are gone, "
                + "and all sessions end.",
            "Remove the second factor");

    /// <param name="account">Whose.</param>
    /// <param name="name">What its owner calls it.</param>
    /// <param name="isLast">Whether there is no other one.</param>
    public static ActWords RemoveAuthenticator(AccountSnapshot account, string name, bool isLast) =>
        new($"Remove authenticator {Bidi.Of(name)} of {Bidi.Of(account.UserName)}",
            "For a user who has lost it. Its codes sign nobody in any more, and all sessions end."
                + (isLast ? " It is the last one: the password alone signs the user in then, and recovery codes are gone." : ""),
            "Remove the authenticator");

    /// <param name="account">Whose.</param>
    /// <param name="name">What its owner calls it.</param>
    /// <param name="isOnlyWayIn">Whether there is neither another one nor a password.</param>
    public static ActWords RemovePasskey(AccountSnapshot account, string name, bool isOnlyWayIn) =>
        new($"Remove passkey {Bidi.Of(name)} of {Bidi.Of(account.UserName)}",
            "For a user who has lost it. It signs nobody in any more, and the sessions that were begun with it end."
                + (isOnlyWayIn ? " It is the only way into the account: set a password too." : ""),
            "Remove the passkey");
}
