namespace TokenServer.SignIns;

/// <summary>Where the pages are that the authorization endpoint sends a person to (contract section 9). Each does its one act, whether or
/// not it is needed, and goes back to <c>return</c>; what is needed is for the endpoint to say, which looks again from the
/// beginning.</summary>
internal static class SignInPages
{
    /// <summary>Nobody is signed in. Who is, goes straight back.</summary>
    public const string SignIn = "/account/sign-in";

    /// <summary>Somebody is, and shall prove it anew: <c>prompt=login</c>, or <c>max_age</c> has passed.</summary>
    public const string SignInAgain = "/account/sign-in-again";

    /// <summary>Somebody is by a password alone, and a second factor is asked for.</summary>
    public const string SecondFactorNeeded = "/account/second-factor-needed";

    /// <summary><c>prompt=select_account</c>: as whom to go on.</summary>
    public const string ChooseAccount = "/account/choose";

    /// <summary>Whether the client may have what it asks for.</summary>
    public const string Consent = "/account/consent";

    /// <summary>The address of <paramref name="page"/> that leads back to <paramref name="returnPath"/>.</summary>
    public static string Address(string page, string returnPath) => $"{page}?return={Uri.EscapeDataString(returnPath)}";
}
