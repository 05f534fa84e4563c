using TokenServer.Web.Console.Shared;

namespace TokenServer.Web.Console.Clients;

/// <summary>The words of what is done to a client.</summary>
internal static class ClientActWords
{
    /// <summary>Of the choice when the present secret ends.</summary>
    public const string OldSecretEnds = "The present secret is refused";

    /// <summary>Seconds until it does → what is read.</summary>
    public static readonly (string Value, string Text)[] Ends =
    [
        ("0", "at once"), ("3600", "in an hour"), ("86400", "in a day"), ("604800", "in a week"), ("2592000", "in 30 days"),
    ];

    /// <param name="id">The client's.</param>
    /// <param name="hasOld">Whether a secret is taken beside the present one.</param>
    public static ActWords NewSecret(string id, bool hasOld) => new($"New secret for {id}",
        "The client gets a new secret, which is shown once. Tokens that were given out stay good."
            + (hasOld ? " The old secret that is taken beside the present one is refused at once: there are two at most." : ""),
        "Make a new secret");

    /// <inheritdoc cref="NewSecret"/>
    public static ActWords EndOldSecret(string id, bool hasOld) => new($"End the old secret of {id}",
        hasOld ? "The old secret is refused at once, and whoever still uses it gets no token. The new one stays good."
            : "It has no old secret any more.",
        "End the old secret");

    public static ActWords Revoke(string id) => new($"Revoke {id}",
        "The client is refused, and every token it was given is dead. It can be restored; the tokens cannot.",
        "Revoke the client");

    public static ActWords Restore(string id) => new($"Restore {id}",
        "The client may ask for new tokens, with the secret it has. Those from before stay dead.",
        "Restore the client");

    public static ActWords EndSessions(string id) => new($"End all sessions of {id}",
        "Everybody whom it has signed in has to sign in again. The client goes on: it is not revoked, its own tokens stay good.",
        "End all sessions");

    public static ActWords Delete(string id) => new($"Delete {id}",
        "The registration is gone for good, and every token it was given is dead.",
        "Delete the client");
}
