using OpenIddict.Server;
using TokenServer.Clients;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token;

/// <summary>
/// HandleTokenRequest for one grant type: it fills in only what is its own; OpenIddict and <see cref="ClientMay"/> have done the rest.
/// </summary>
internal abstract class GrantHandler(string type) : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    public ValueTask HandleAsync(HandleTokenRequestContext context) =>
        context.Request.GrantType == type ? HandleAsync(context, ConnectRequest.Of(context)) : default;

    protected abstract ValueTask HandleAsync(HandleTokenRequestContext context, ConnectRequest request);

    /// <summary>The scopes that were asked for, or those the client gets when it names none.</summary>
    protected static ScopeSet ScopesOf(HandleTokenRequestContext context, ConnectRequest request) =>
        ScopeSet.Parse(context.Request.Scope) is { Count: > 0 } named ? named : request.Client!.DefaultScopes;
}
