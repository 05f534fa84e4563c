using TokenServer.Accounts.Explaining;
using TokenServer.Tokens;

namespace TokenServer.Web.Console.Tokens;

/// <summary>The words of the page for pasted tokens.</summary>
internal static class TokenWords
{
    public static string Kind(string kind) => kind switch
    {
        TokenUse.Access => "access token", TokenUse.Refresh => "refresh token", TokenUse.ApiKey => "API key",
        TokenUse.Tunnel => "tunnel token", TokenUse.Pin => "PIN token", TokenKinds.IdToken => "ID token",
        TokenKinds.LogoutToken => "logout token", TokenKinds.Code => "authorization code", TokenKinds.DeviceCode => "device code",
        TokenKinds.TempToken => "temp token, of a sign-in whose second factor is due", TokenKinds.Request => "pushed authorization request",
        TokenKinds.InstallCode => "install code", TokenKinds.Receipt => "receipt of an install", "precheck" => "precheck token",
        "install" => "install token", "server" => "server token", _ => "nothing that this server gives out",
    };

    public static string Check(string check) => check switch
    {
        Checks.NotFound => "This server knows none such: it is forged, deleted, or so old that it is forgotten",
        Checks.Signature => "Its signature is wrong: it was altered",
        Checks.SigningKey => "Its signing key is none of this server's any more",
        Checks.Issuer => "It is another server's, or this one's by another address",
        Checks.Expired => "Its time is over", Checks.NotYet => "It is stamped with a time that is still to come",
        Checks.Used => "It was used, and works once", Checks.Revoked => "It was revoked", Checks.Denied => "It was denied",
        Checks.OriginRevoked => "What it was exchanged for was revoked", Checks.SessionEnded => "Its session has ended",
        Checks.SignInEnded => "The browser's sign-in that it came from has ended",
        Checks.ClientRevoked => "Its client was revoked after it was given out", Checks.ClientDeleted => "Its client is deleted",
        Checks.AccountDisabled => "The account is disabled", Checks.AccountDeleted => "The account is deleted",
        Checks.AccountChanged => "The account's password or rights were changed since", Checks.PinChanged => "The PIN was changed since",
        Checks.Released => "The machine gave its install up", Checks.Unknown => "It has the form of nothing that this server gives out",
        _ => "It is refused",
    };
}
