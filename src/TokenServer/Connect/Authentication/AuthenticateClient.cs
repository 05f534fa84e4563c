using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.RateLimits;
using TokenServer.Storage;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authentication;

/// <summary>
/// ProcessAuthentication, after OpenIddict has found the client: whether that client may authenticate now, as it did, and by its
/// secret, which the core checks in turns of the caller's address (RFC 6749 section 2.3, contract section 1).
/// </summary>
internal sealed class AuthenticateClient(ClientRegistry clients, ClientSecrets secrets, ChangeFeed changes)
    : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        if (context.EndpointType == OpenIddictServerEndpointType.UserInfo) return;
        // The form may have taken minutes to come.
        changes.EnsureFresh();
        var request = ConnectRequest.Of(context);
        var client = clients.Find(context.ClientId!);
        if (client is not { IsRevoked: false, IsInternal: false }
            || !Allows(client, context.ClientSecret, request.UsedBasic, context.EndpointType))
        {
            context.Reject("invalid_client");
            return;
        }
        if (!client.IsPublic)
        {
            bool? isRight = await secrets.VerifyAsync(client, context.ClientSecret!, ClientAddress.Key(request.Http));
            if (isRight is null) context.Refuse(OAuthError.Unavailable());
            else if (isRight == false) context.Reject("invalid_client");
            if (isRight != true) return;
        }
        request.Client = client;
    }

    private static bool Allows(Client client, string? secret, bool viaBasic, OpenIddictServerEndpointType endpoint) => client.IsPublic
        ? secret is null && endpoint != OpenIddictServerEndpointType.Introspection
        : secret is not null && client.SecretHash is not null
            && (client.AuthMethod is null || client.AuthMethod == (viaBasic ? "client_secret_basic" : "client_secret_post"));
}
