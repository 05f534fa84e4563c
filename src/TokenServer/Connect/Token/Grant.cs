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
    /// <summary>The exchange that it comes of, where it does: its token is another's session's, or of another client.</summary>
    public ExchangeResult.Granted? Exchange { get; init; }

    /// <summary>The key that the client has proved, and the access token is bound to (RFC 9449); null where it has proved none.</summary>
    public string? KeyThumbprint { get; init; }

    /// <summary>What the client said that the id token is to repeat.</summary>
    public string? Nonce { get; init; }

    /// <summary>
    /// Has OpenIddict answer with the tokens of this grant. Its principal says no more than which tokens there are to be: what they say
    /// is the session's, and is written by the formats.
    /// </summary>
    public void Answer(HandleTokenRequestContext context)
    {
        var request = ConnectRequest.Of(context);
        request.Grant = request.KeyThumbprint is { } thumbprint ? this with { KeyThumbprint = thumbprint } : this;
        var identity = new ClaimsIdentity("tokenserver");
        identity.AddClaim(new Claim(Claims.Subject, Session?.Subject ?? request.Client!.ClientId));
        if (Session is not null && Scopes.Contains(ScopeSet.OpenId)) Add(identity, Claims.Private.Scope, ScopeSet.OpenId);
        if (RefreshToken is not null) Add(identity, Claims.Private.Scope, ScopeSet.OfflineAccess);
        if (Nonce is not null) Add(identity, Claims.Private.Nonce, Nonce);
        context.SignIn(new ClaimsPrincipal(identity));
    }

    private static void Add(ClaimsIdentity identity, string type, string value) => identity.AddClaim(new Claim(type, value));
}

/// <summary>
/// Whether what is issued is none of the core's: its grants have their session, its codes and requests their rows, and none of their tokens
/// is written from claims.
/// </summary>
internal sealed class UnlessGranted : IOpenIddictServerHandlerFilter<ProcessSignInContext>
{
    public ValueTask<bool> IsActiveAsync(ProcessSignInContext context) =>
        new(ConnectRequest.Of(context) is { Grant: null, Code: null, Asked: null });
}
