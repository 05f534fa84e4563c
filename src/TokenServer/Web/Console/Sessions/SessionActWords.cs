using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Sessions;

/// <summary>The words of what is done to sessions.</summary>
internal static class SessionActWords
{
    public const string NotYours =
        "Only an administrator may end the sessions of an account that administers; those were left as they are.";

    /// <param name="user">Whose; null where the account is deleted.</param>
    /// <param name="account">The account's number.</param>
    public static ActWords End(string? user, int account) => new(
        $"End a session of {(user is null ? $"user {account}" : Bidi.Of(user))}",
        "The session is over everywhere, with every token that was given out for it.",
        "End the session");

    public static ActWords EndNone() => new("End sessions", "No session is ticked.", "");

    public static ActWords EndTicked(int count) => new(count == 1 ? "End a session" : $"End {count} sessions",
        "They are over everywhere, with every token that was given out for them.",
        count == 1 ? "End the session" : "End the sessions");
}
