using TokenServer.Foundation;
using TokenServer.Web.Console.Shared;

namespace TokenServer.Web.Console.Keys;

/// <summary>The words of what is done to the signing keys.</summary>
internal static class KeyActWords
{
    /// <summary>Of the tick where a rotation breaks something, and where it is missing.</summary>
    public const string RotateAllTheSame = "New tokens may be refused for a while, and I rotate all the same",
        NotTicked = "Nothing was done: say that you mean it by the tick.";

    /// <summary>Of the figures of what a replacement kills.</summary>
    public const string AccessTokens = "Access tokens that this process has signed since it started", InstallCodes = "Install codes";

    /// <param name="unknownUntil">Until when others may not have read the announced keys, UTC; null where they have.</param>
    public static ActWords Rotate(DateTime? unknownUntil) => new("Rotate the keys now",
        "Each announced key signs from now on, and the key that signed retires: "
            + "it stays published until the last token of its has expired. "
            + (unknownUntil is not { } until ? "Nothing dies."
                : "No token that was given out dies. But the announced keys are new: gateways and clients that check tokens "
                    + $"by themselves may not have read them before {Timestamps.Of(until)}. Until they read the keys again they "
                    + "refuse what is signed from now on: each new access token and ID token."),
        "Rotate now");

    public static ActWords Replace() => new("Replace all keys",
        "For keys that have leaked. Every access token and ID token that was signed so far is dead, "
            + "and so is every install that is not confirmed. Receipts of installs that they signed prove nothing any more. "
            + "Sessions go on: their clients get new tokens with the refresh tokens they have.",
        "Replace all keys");
}
