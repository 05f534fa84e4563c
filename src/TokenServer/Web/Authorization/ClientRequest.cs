using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Sessions;

namespace TokenServer.Web.Authorization;

/// <summary>What a page shows of a client's request, and needs to answer it.</summary>
/// <param name="Uri">The request's <c>request_uri</c>.</param>
/// <param name="ReturnPath">The way back to the authorization endpoint.</param>
/// <param name="Request">The request.</param>
internal sealed record ClientRequest(string Uri, string ReturnPath, AuthorizationRequest Request)
{
    public Client Client => Request.Client;
    public string Name => ClientWords.NameOf(Client);

    /// <summary>Where the person goes back to: a host's name, or the app on the person's own machine.</summary>
    public string Place => ClientWords.PlaceOf(Request.RedirectUri);

    /// <summary>Who is to sign in, as far as the client knows; null for what could be no user name.</summary>
    public string? LoginHint =>
        Request.LoginHint is { Length: <= UserAccounts.LongestLogin } hint && !hint.Any(char.IsControl) ? hint : null;
}
