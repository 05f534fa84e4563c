using System.Collections.Frozen;
using TokenServer.Clients;
using TokenServer.RateLimits;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.Connect.Token;

/// <summary>POST /connect/token (RFC 6749 section 3.2): the steps that every grant shares, in their order.</summary>
internal sealed class TokenEndpoint(IEnumerable<IGrant> grants, ClientAuthentication authentication, ScopeRegistry scopes, TokenIssuer issuer, TokenRateLimits limits, Instruments instruments)
{
    public const string Path = "/connect/token";
    private readonly FrozenDictionary<string, IGrant> grants = grants.ToFrozenDictionary(g => g.Type, StringComparer.Ordinal);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<TokenEndpoint>();
        routes.MapPost(Path, (RequestDelegate)endpoint.HandleAsync);
    }

    private async Task HandleAsync(HttpContext context)
    {
        long started = instruments.StartTokenRequest();
        string grant = "none", outcome = "ok";
        try
        {
            var (form, unreadable) = await Form.ReadAsync(context.Request);
            grant = Known(form?["grant_type"]);
            var (response, error) = form is null ? (null, unreadable) : await AnswerAsync(context, form);
            if (error is not null) outcome = error.Code;
            await (error is null ? response!.WriteAsync(context) : error.ExecuteAsync(context));
        }
        catch (Exception e)
        {
            outcome = e is StorageUnavailableException ? "temporarily_unavailable" : context.RequestAborted.IsCancellationRequested || e is BadHttpRequestException ? "aborted" : "server_error";
            throw;
        }
        finally
        {
            instruments.TokenRequested(grant, outcome, started);
        }
    }

    private async ValueTask<(TokenResponse? Response, OAuthError? Error)> AnswerAsync(HttpContext context, Form form)
    {
        var (client, unauthenticated) = await authentication.AuthenticateAsync(context, form);
        if (client is null) return (null, unauthenticated);
        if (Find(form, client, out var grant) is { } unsupported) return (null, unsupported);
        if (await limits.TakeAsync(context, grant!.Rules) is { } wait) return (null, OAuthError.SlowDown(wait));
        var requested = ScopeSet.Parse(form["scope"]) is { Count: > 0 } named ? named : null;
        if (requested is not null && !IsAllowed(requested, client)) return (null, OAuthError.InvalidScope());
        var (granted, issued, refused) = await grant.AuthorizeAsync(new TokenRequest(context, form, client, requested));
        return granted is null ? (issued, refused) : (await issuer.IssueAsync(context.Request, client, granted), null);
    }

    private string Known(string? grantType) => grantType is null ? "none" : grants.TryGetValue(grantType, out var grant) ? grant.Type : "other";

    private OAuthError? Find(Form form, Client client, out IGrant? grant)
    {
        grant = null;
        if (form["grant_type"] is not { } type) return OAuthError.InvalidRequest("grant_type is missing");
        if (!grants.TryGetValue(type, out grant)) return OAuthError.UnsupportedGrantType();
        if (!client.GrantTypes.Contains(type)) return OAuthError.UnauthorizedClient("the client may not use this grant type");
        return client.IsPublic && !grant.Rules.AllowsPublicClient ? OAuthError.UnauthorizedClient("the grant type is for confidential clients only") : null;
    }

    private bool IsAllowed(ScopeSet requested, Client client)
    {
        foreach (string scope in requested)
            if (!scopes.Exists(scope) || !client.Scopes.Contains(scope)) return false;
        return true;
    }
}
