using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Connect.Token;
using TokenServer.Sessions;
using TokenServer.Tokens;
using TokenServer.Tokens.Dpop;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authorize;

/// <summary>What a client may ask of the authorization endpoint, whether it pushes it or a browser brings it: what OpenIddict leaves to its
/// host, or says in other words (contract section 9).</summary>
internal sealed class RequestRules(ClientScopes scopes, AccessTokenIssuer tokens, IdTokenHints hints)
{
    private const int ChallengeLength = 43;

    /// <summary>What is wrong; null where nothing is.</summary>
    public OAuthError? ProblemOf(ConnectRequest request, OpenIddictRequest asked)
    {
        var client = request.Client!;
        if (RequestParameters.TooLong(asked) is { } name) return OAuthError.InvalidRequest($"{name} is too long");
        if (asked.CodeChallenge is { } challenge && !IsChallenge(challenge))
            return OAuthError.InvalidRequest("code_challenge is not the base64url SHA-256 of a verifier");
        if (asked.CodeChallenge is null && client.RequiresPkce) return OAuthError.InvalidRequest("code_challenge is missing");
        if ((string?)asked["max_age"] is { } age && age.Any(c => !char.IsAsciiDigit(c)))
            return OAuthError.InvalidRequest("max_age is not a number of seconds");
        if ((string?)asked["dpop_jkt"] is { } key && !ProofKey.IsThumbprint(key))
            return OAuthError.InvalidRequest("dpop_jkt is not the base64url SHA-256 thumbprint of a key");
        if (!client.GrantTypes.Contains(KnownGrants.AuthorizationCode))
            return OAuthError.UnauthorizedClient("the client may not use authorization codes");
        if (!scopes.Allow(client, asked.Scope)) return OAuthError.InvalidScope();
        var wanted = ScopeSet.Parse(asked.Scope) is { Count: > 0 } named ? named : client.DefaultScopes;
        if (!tokens.Fits(client, wanted, request.Issuer)) return OAuthError.TooManyScopes();
        return asked.IdTokenHint is { } hint ? HintProblem(request, hint) : null;
    }

    private OAuthError? HintProblem(ConnectRequest request, string text)
    {
        if (hints.Read(text) is not { } hint || hint.ClientId != request.Client!.ClientId)
            return OAuthError.InvalidRequest("id_token_hint is no id token that this client was given");
        request.Hinted = hint.Subject;
        return null;
    }

    private static bool IsChallenge(string text) =>
        text.Length == ChallengeLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}

/// <summary>ValidateAuthorizationRequest, after OpenIddict has looked at its parameters: <see cref="RequestRules"/>.</summary>
internal sealed class MayAsk(RequestRules rules) : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>
{
    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        if (rules.ProblemOf(ConnectRequest.Of(context), context.Request) is { } problem) context.Refuse(problem);
        return default;
    }
}

/// <summary>ValidatePushedAuthorizationRequest, in place of OpenIddict's comparison of addresses: the address that an answer goes to, and
/// <see cref="RequestRules"/>.</summary>
internal sealed class MayPush(RequestRules rules, StoredRequestRate rate, TimeProvider clock)
    : IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>
{
    public async ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context)
    {
        var (request, asked) = (ConnectRequest.Of(context), context.Request);
        if (asked.RedirectUri is not { } address) context.Refuse(OAuthError.InvalidRequest("redirect_uri is missing"));
        else if (!RedirectUriMatch.Allows(request.Client!, address))
            context.Refuse(OAuthError.InvalidRequest("redirect_uri is not an address that the client has registered"));
        else if (rules.ProblemOf(request, asked) is { } problem) context.Refuse(problem);
        // A confidential client has proved who it is, and asks for all its people.
        else if (request.Client!.IsPublic && await rate.TakeAsync(request.Http) is { } wait) context.Refuse(OAuthError.SlowDown(wait));
        else request.Asked = AuthorizationRequest.Of(request.Client!, RequestParameters.Of(asked), clock.GetUtcNow().UtcDateTime);
    }
}
