using TokenServer.Foundation;

namespace TokenServer.Clients;

/// <summary>What a client's registration may name: grant types, scopes and audiences that this server has. RFC 7591 lets a server ignore
/// what it does not know; a misspelt name that is ignored here would be found out at the first refused request.</summary>
internal sealed class RegistrationRules(ScopeRegistry scopes, KnownClients clients, Issuer issuer, IHostEnvironment environment)
{
    // What scopes and resources may take of an access token.
    private const int LongestInToken = 4_000;

    // The audiences of what is no client's token (contract section 1, the table of introspection).
    private static readonly string[] BuiltInAudiences = ["api", "install", "pin", "servers", "tunnel"];

    /// <summary>What of <paramref name="registration"/> is not here, naming the field; null where all is.</summary>
    /// <param name="registration">A registration that is well-formed.</param>
    /// <param name="coming">What is registered along with it.</param>
    public string? ProblemOf(ClientRegistration registration, Coming coming)
    {
        if (registration.GrantTypes.FirstOrDefault(g => !KnownGrants.All.Contains(g)) is { } grant)
            return $"grant_types has {Clip(grant)}, which is none of: {string.Join(", ", KnownGrants.All)}";
        if (registration.ResponseTypes?.FirstOrDefault(t => t != "code") is { } type)
            return $"response_types has {Clip(type)}; code is the one that there is";
        if (registration.GrantTypes.Contains(KnownGrants.AuthorizationCode) && registration.RedirectUris.Length == 0)
            return $"grant_types has {KnownGrants.AuthorizationCode}, which wants redirect_uris";
        if (registration.BackChannelLogoutUri is { } uri && !RedirectUris.AllowsBackChannel(uri, environment.IsDevelopment()))
            return RegistrationChecks.BackChannelProblem(environment.IsDevelopment());
        var wanted = ScopeSet.Parse(registration.Scope);
        if (wanted.FirstOrDefault(s => !scopes.Exists(s) && coming.ResourcesOf(s) is null) is { } scope)
            return $"scope has {scope}, which is not registered";
        if (registration.Audiences.FirstOrDefault(a => !IsAudience(a, registration, coming)) is { } audience)
            return $"audiences has {Clip(audience)}, which no token is for: it is neither a resource of a scope nor a client nor one of: "
                + string.Join(", ", BuiltInAudiences);
        if (registration.ExchangeAudiences.FirstOrDefault(a => !IsTarget(a, registration, coming)) is { } target)
            return $"exchange_audiences has {Clip(target)}, which is neither a resource of a scope nor a client nor the issuer";
        int size = wanted.Sum(s => s.Length + 1 + (coming.ResourcesOf(s) ?? scopes.ResourcesOf(s)).Sum(r => r.Length + 3));
        return size > LongestInToken ? "scope names more scopes, with their resources, than an access token can hold" : null;
    }

    private bool IsAudience(string audience, ClientRegistration registration, Coming coming) =>
        BuiltInAudiences.Contains(audience) || IsTarget(audience, registration, coming);

    // What an access token may be for.
    private bool IsTarget(string audience, ClientRegistration registration, Coming coming) =>
        scopes.HasResource(audience) || coming.Scopes.Any(s => s.Resources.Contains(audience))
        || audience == registration.ClientId || clients.Find(audience) is { IsInternal: false }
        || coming.Clients.Any(c => c.ClientId == audience)
        || Uri.TryCreate(audience, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && issuer.Accepts(audience);

    private static string Clip(string text) => text.Length > 100 ? text[..100] + "…" : text;
}

/// <summary>What is registered in the same act.</summary>
internal sealed record Coming(IReadOnlyList<ScopeRegistration> Scopes, IReadOnlyList<ClientRegistration> Clients)
{
    public static readonly Coming Nothing = new([], []);

    /// <summary>The resources of a scope that is registered along; null where it is not.</summary>
    public string[]? ResourcesOf(string scope) => Scopes.FirstOrDefault(s => s.Name == scope)?.Resources;
}
