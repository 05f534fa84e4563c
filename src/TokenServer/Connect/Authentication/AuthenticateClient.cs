using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.RateLimits;
using TokenServer.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authentication;

/// <summary>
/// ProcessAuthentication, after OpenIddict has found the client: whether that client may authenticate now, as it did, and by its
/// secret, which the core checks in turns of the caller's address, or by its assertion, which the core lets it use once (RFC 6749
/// section 2.3, RFC 7523, contract sections 1 and 9).
/// </summary>
internal sealed class AuthenticateClient(ClientRegistry clients, ClientSecrets secrets, ClientAssertions assertions, ChangeFeed changes)
    : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        // A browser brings the client's name alone (Authorize/KnowClient).
        if (context.EndpointType is OpenIddictServerEndpointType.UserInfo or OpenIddictServerEndpointType.Authorization) return;
        // The form may have taken minutes to come.
        changes.EnsureFresh();
        var request = ConnectRequest.Of(context);
        var client = clients.Find(context.ClientId!);
        if (client is not { IsRevoked: false, IsInternal: false } || !Allows(client, context, request))
        {
            context.Reject(Errors.InvalidClient);
            return;
        }
        if (!client.IsPublic)
        {
            // Before it is checked: at the latest then the old secret was still good.
            request.SecretsChangeAt = secrets.OldEndsAt(client);
            bool? isProved = request.Assertion is { } assertion ? await assertions.UseAsync(assertion)
                : await secrets.VerifyAsync(client, context.ClientSecret!, ClientAddress.Key(request.Http));
            if (isProved is null) context.Refuse(OAuthError.Unavailable());
            else if (isProved == false) context.Reject(Errors.InvalidClient);
            if (isProved != true) return;
        }
        request.Client = client;
    }

    private static bool Allows(Client client, ProcessAuthenticationContext context, ConnectRequest request)
    {
        string? secret = context.ClientSecret;
        if (client.IsPublic)
            return secret is null && context.ClientAssertion is null && context.EndpointType != OpenIddictServerEndpointType.Introspection;
        return context.ClientAssertion is null ? secret is not null && client.TakesSecret(request.UsedBasic)
            : request.Assertion is { } assertion && assertion.IsTakenOf(client);
    }
}
