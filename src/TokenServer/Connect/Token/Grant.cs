using System.Security.Claims;
using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Tokens;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token;

/// <summary>What is to be issued: tokens of a session, or of the client itself.</summary>
/// <param name="Session">The user's session; null for the client's own token.</param>
/// <param name="Scopes">The access token's scopes.</param>
/// <param name="RefreshToken">The refresh token that goes along, if one does.</param>
internal sealed record Grant(Session? Session, ScopeSet Scopes, string? RefreshToken)
{
    /// <summary>
    /// Has OpenIddict answer with the tokens of this grant. Its principal says no more than which tokens there are to be: what they say
    /// is the session's, and is written by the formats.
    /// </summary>
    public void Answer(HandleTokenRequestContext context)
    {
        var request = ConnectRequest.Of(context);
        request.Grant = this;
        var identity = new ClaimsIdentity("tokenserver");
        identity.AddClaim(new Claim(Claims.Subject, Session?.Subject ?? request.Client!.ClientId));
        if (Session is not null && Scopes.Contains(ScopeSet.OpenId)) Add(identity, Claims.Private.Scope, ScopeSet.OpenId);
        if (RefreshToken is not null) Add(identity, Claims.Private.Scope, ScopeSet.OfflineAccess);
        context.SignIn(new ClaimsPrincipal(identity));
    }

    private static void Add(ClaimsIdentity identity, string type, string value) => identity.AddClaim(new Claim(type, value));
}

/// <summary>
/// Whether what is issued is none of the core's grants: those have their session, and their tokens are not written from claims.
/// </summary>
internal sealed class UnlessGranted : IOpenIddictServerHandlerFilter<ProcessSignInContext>
{
    public ValueTask<bool> IsActiveAsync(ProcessSignInContext context) => new(ConnectRequest.Of(context).Grant is null);
}
