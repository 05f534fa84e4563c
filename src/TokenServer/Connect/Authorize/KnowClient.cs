using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tokens;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authorize;

/// <summary>
/// ValidateAuthorizationRequest, before all else: which client asks, what it has stored, and where it may be answered. Until that is known
/// an error is a page; from here on it goes back to the client (RFC 6749 section 4.1.2.1, contract section 9).
/// </summary>
internal sealed class KnowClient(ClientRegistry clients, AuthorizationRequests requests, ChangeFeed changes, TimeProvider clock)
    : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>
{
    private static readonly string[] Vital = [Parameters.ClientId, Parameters.RedirectUri, Parameters.RequestUri];

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        // The form may have taken minutes to come.
        changes.EnsureFresh();
        if (Problem(context, ConnectRequest.Of(context)) is { } problem) context.Refuse(OAuthError.InvalidRequest(problem));
        return default;
    }

    private string? Problem(ValidateAuthorizationRequestContext context, ConnectRequest request)
    {
        var repeated = ReadAuthorization.Repeated(context.Transaction);
        if (Vital.FirstOrDefault(repeated.Contains) is { } twice) return $"{twice} appears more than once";
        if (context.ClientId is not { } id) return "client_id is missing";
        if (clients.FindRegistered(id) is not { IsRevoked: false } client) return "the client is not known";
        if (context.Request.RequestUri is { } uri && uri.StartsWith(ReferenceToken.Request, StringComparison.Ordinal))
        {
            if (requests.Find(uri) is not { } stored || stored.Client.Id != client.Id)
                return "the request is not known, was answered already, or took too long";
            if (stored.IsOpened && !stored.IsOf(BrowserKey.Of(request.Http))) return "the request was begun in another browser";
            request.Asked = stored;
            context.Request = Restore(stored, uri);
        }
        if (context.Request.RedirectUri is not { } address) return "redirect_uri is missing";
        if (!RedirectUriMatch.Allows(client, address)) return "redirect_uri is not an address that the client has registered";
        (request.Client, request.ReturnAddress) = (client, address);
        context.SetRedirectUri(address);
        request.Asked ??= AuthorizationRequest.Of(client, RequestParameters.Of(context.Request), clock.GetUtcNow().UtcDateTime);
        return repeated.Count > 0 ? "a parameter appears more than once" : null;
    }

    private static OpenIddictRequest Restore(AuthorizationRequest stored, string uri)
    {
        var request = new OpenIddictRequest { RequestUri = uri };
        foreach (var (name, value) in stored.Parameters) request.AddParameter(name, value);
        return request;
    }
}
