using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Connect.Dpop;
using TokenServer.Storage;
using TokenServer.Tokens;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token.Grants;

/// <summary>
/// urn:ietf:params:oauth:grant-type:token-exchange, RFC 8693: an access token for another, of less or for somebody else; the core
/// decides (contract section 9).
/// </summary>
internal sealed class TokenExchangeGrant(TokenExchange exchange, AccessTokenIssuer issuer, Database database, TimeProvider clock)
    : GrantHandler(KnownGrants.TokenExchange)
{
    private const string AccessTokenType = TokenTypeIdentifiers.AccessToken;

    protected override async ValueTask HandleAsync(HandleTokenRequestContext context, ConnectRequest request)
    {
        string? Of(string name) => (string?)context.Request[name];
        var (subject, actor, resource) = (Of(Parameters.SubjectToken), Of(Parameters.ActorToken), Of(Parameters.Resource));
        string? problem = subject is null ? "subject_token is missing"
            : Of(Parameters.SubjectTokenType) != AccessTokenType ? $"subject_token_type must be {AccessTokenType}"
            : Of(Parameters.ActorTokenType) is { } type && (actor is null || type != AccessTokenType)
                || actor is not null && Of(Parameters.ActorTokenType) is null
                ? $"actor_token goes with the actor_token_type {AccessTokenType}"
            : Of(Parameters.RequestedTokenType) is not (null or AccessTokenType) ? $"requested_token_type may be {AccessTokenType} alone"
            : null;
        if (problem is not null) context.Refuse(OAuthError.InvalidRequest(problem));
        else if (resource is not null && !IsResource(resource))
            context.Refuse(new(Errors.InvalidTarget, "resource must be an absolute address without a fragment"));
        else await ExchangeAsync(context, request, subject!, actor, new[] { Of(Parameters.Audience), resource });
    }

    private async ValueTask ExchangeAsync(
        HandleTokenRequestContext context, ConnectRequest request, string subject, string? actor, string?[] audiences)
    {
        var client = request.Client!;
        var scopes = ScopeSet.Parse(context.Request.Scope) is { Count: > 0 } named ? named : null;
        var result = await exchange.DecideAsync(client, subject, actor, scopes, [.. audiences.OfType<string>().Distinct()],
            request.KeyThumbprint);
        if (result is not ExchangeResult.Granted granted)
        {
            context.Refuse(Translate(result));
            return;
        }
        if (!issuer.Fits(client, granted, request.Issuer, request.KeyThumbprint))
        {
            context.Refuse(OAuthError.TooManyScopes());
            return;
        }
        await database.WriteAsync(s => AuditTrail.Append(s, Happened(granted, request)));
        new Grant(null, granted.Scopes, null) { Exchange = granted }.Answer(context);
    }

    // Who got what, for whom; the rest can be read in the token that it was.
    private AuditEvent Happened(ExchangeResult.Granted granted, ConnectRequest request) =>
        new("token.exchanged", clock.GetUtcNow().UtcDateTime)
        {
            Actor = request.Client!.ClientId, ClientId = request.Client.ClientId, Address = request.Address,
            Target = granted.Subject.SessionId is { } session ? TimeOrderedId.ToText(session) : granted.Subject.Subject,
            Detail = $"scope: {granted.Scopes}"
                + (granted.Audiences.Length > 0 ? $"; audience: {string.Join(' ', granted.Audiences)}" : ""),
        };

    // RFC 8707 section 2.
    private static bool IsResource(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && text.StartsWith(uri.Scheme + ":", StringComparison.OrdinalIgnoreCase)
        && !text.Contains('#', StringComparison.Ordinal);

    private static OAuthError Translate(ExchangeResult result) => result switch
    {
        ExchangeResult.BadSubject => OAuthError.InvalidRequest("subject_token is no access token that is good"),
        ExchangeResult.BadActor => OAuthError.InvalidRequest("actor_token is no access token that is good"),
        ExchangeResult.NotProved => DpopAnswers.InvalidProof("a token is bound to a key, which the exchange has to prove"),
        ExchangeResult.WrongTarget => new(Errors.InvalidTarget, "the client may not exchange a token for this audience"),
        ExchangeResult.TooWide => OAuthError.InvalidScope("a scope is not the subject_token's, or cannot be handed on"),
        _ => OAuthError.InvalidRequest("the token was exchanged too often"),
    };
}
