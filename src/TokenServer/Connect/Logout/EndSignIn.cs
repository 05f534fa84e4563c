using InstallLifecycle.Codes;
using Microsoft.AspNetCore.Http.Extensions;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Tokens;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Logout;

/// <summary>
/// HandleEndSessionRequest: ends the browser's sign-in, at once where the client shows an id_token of its account, after asking else; then
/// back to where the client has registered, or to a page that says it is done (OpenID Connect RP-Initiated Logout sections 2 and 3,
/// contract section 9).
/// </summary>
internal sealed class EndSignIn(BrowserSessions browser, UserSessions sessions, IdTokenHints hints, ClientRegistry clients,
    ILogoutPages pages) : IOpenIddictServerHandler<HandleEndSessionRequestContext>
{
    // It comes back to the client in an address, sealed in a form before.
    private const int LongestState = 2_000, LongestAddress = 7_000;

    public async ValueTask HandleAsync(HandleEndSessionRequestContext context)
    {
        var request = ConnectRequest.Of(context);
        var http = request.Http;
        if (!http.Request.IsRead() && CrossSite.Is(http.Request) && AddressOf(http.Request, context.Request) is { } again)
            GoTo(http, again);
        else if (ProblemOf(context.Request, out var hint, out var target) is { } problem)
            await pages.RefuseAsync(http, StatusCodes.Status400BadRequest, OpenIddictConstants.Errors.InvalidRequest, problem);
        else await AnswerAsync(http, request.Address, hint, target);
        context.HandleRequest();
    }

    // The session's cookie does not come with a form from another site, but with the GET that follows.
    // What no address can hold is answered as a stranger's.
    private static string? AddressOf(HttpRequest http, OpenIddictRequest request)
    {
        var query = new QueryBuilder(request.GetParameters().Select(p => KeyValuePair.Create(p.Key, (string?)p.Value ?? "")));
        string address = http.Path + query.ToString();
        return address.Length <= LongestAddress ? address : null;
    }

    private static void GoTo(HttpContext http, string address)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = address;
        http.Response.Headers.CacheControl = "no-store";
    }

    private string? ProblemOf(OpenIddictRequest request, out LogoutHint? hint, out LogoutTarget target)
    {
        hint = request.IdTokenHint is { } shown ? HintOf(shown) : null;
        target = new(null, null);
        if (request.ClientId is { } id && clients.FindRegistered(id) is not { IsRevoked: false }) return "client_id is not known";
        if (request.ClientId is { } named && hint is not null && hint.Client.ClientId != named) hint = null;
        var client = request.ClientId is { } given ? clients.FindRegistered(given) : hint?.Client;
        target = new(client?.Name ?? client?.ClientId, null);
        if (request.State?.Length > LongestState) return "state is too long";
        if (request.PostLogoutRedirectUri is not { } address) return null;
        if (client is null) return "post_logout_redirect_uri needs an id_token_hint that is good, or a client_id";
        if (!client.PostLogoutRedirectUris.Contains(address) || !RedirectUris.CanBeSent(address))
            return "post_logout_redirect_uri is not registered";
        target = target with { Address = AddressOf(address, request.State) };
        return null;
    }

    // Of a client that is registered, and of a session.
    private LogoutHint? HintOf(string shown) => hints.Read(shown) is { SessionId: { } session } hint
        && clients.FindRegistered(hint.ClientId) is { IsRevoked: false } client
        && int.TryParse(hint.Subject, NumberStyles.None, CultureInfo.InvariantCulture, out int account)
            ? new(client, account, session) : null;

    private async Task AnswerAsync(HttpContext http, string? caller, LogoutHint? hint, LogoutTarget target)
    {
        var visitor = await browser.ReadAsync(http);
        if (visitor is not null && hint?.AccountId != visitor.Account.Id)
        {
            await pages.AskAsync(http, target);
            return;
        }
        await browser.EndAsync(http);
        // The browser's sign-in may be over, or be a newer one. A browser that shows none of that account may be anybody's who has come
        // by an id_token: it ends that client's session, not what the person is signed in to elsewhere.
        if (hint is not null)
            await sessions.EndByHintAsync(hint.AccountId, hint.SessionId, browser.IsOrWas(http, hint.AccountId), caller);
        if (target.Address is null)
        {
            await pages.DoneAsync(http);
            return;
        }
        GoTo(http, target.Address);
    }

    private static string AddressOf(string registered, string? state)
    {
        string address = Ascii.IsValid(registered) ? registered : new Uri(registered).AbsoluteUri;
        return state is null ? address : $"{address}{(address.Contains('?') ? '&' : '?')}state={Uri.EscapeDataString(state)}";
    }

    private sealed record LogoutHint(Client Client, int AccountId, long SessionId);
}
