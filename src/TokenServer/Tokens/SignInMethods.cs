namespace TokenServer.Tokens;

/// <summary>How an account signed in, in the words of RFC 8176 (<c>amr</c>), and what that is worth (contract section 9).</summary>
internal static class SignInMethods
{
    private const string Hardware = "hwk", Software = "swk", Person = "user";

    /// <summary>A passkey that stays on its device, and one that a provider keeps in step on several.</summary>
    public static readonly string[] OnePlace = [Hardware, Person], Synced = [Software, Person];

    /// <summary>Whether it was by a passkey, which the person unlocked.</summary>
    public static bool AreByPasskey(string[] methods) =>
        methods.Contains(Person) && (methods.Contains(Hardware) || methods.Contains(Software));

    /// <summary>Whether it took more than one factor.</summary>
    public static bool AreTwoFactors(string[] methods) => methods.Contains("mfa") || AreByPasskey(methods);
}
