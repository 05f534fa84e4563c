namespace TokenServer.Clients;

/// <summary>What a change of a registration changes, for the audit trail: the members' names, and what the client may do now.</summary>
internal static class RegistrationDifference
{
    /// <summary>What of <paramref name="now"/> is other than in <paramref name="before"/>.</summary>
    public static string Difference(this ClientRegistration now, ClientRegistration before) =>
        string.Join("; ", Members(now, before).Where(m => m.IsOther).Select(m => m.Now is null ? m.Name : $"{m.Name}: {m.Now}"));

    private static IEnumerable<(string Name, bool IsOther, string? Now)> Members(ClientRegistration now, ClientRegistration before) =>
    [
        ("client_name", now.ClientName != before.ClientName, null),
        ("grant_types", AreOther(now.GrantTypes, before.GrantTypes), string.Join(' ', now.GrantTypes)),
        ("scope", AreOther(ScopeSet.Parse(now.Scope), ScopeSet.Parse(before.Scope)), now.Scope),
        ("redirect_uris", !now.RedirectUris.Distinct().SequenceEqual(before.RedirectUris), null),
        ("post_logout_redirect_uris", !now.PostLogoutRedirectUris.Distinct().SequenceEqual(before.PostLogoutRedirectUris), null),
        ("token_endpoint_auth_method", now.TokenEndpointAuthMethod != before.TokenEndpointAuthMethod, now.TokenEndpointAuthMethod),
        ("jwks", KeysOf(now) != KeysOf(before), KeysOf(now)),
        ("audiences", AreOther(now.Audiences, before.Audiences), string.Join(' ', now.Audiences)),
        ("exchange_audiences", AreOther(now.ExchangeAudiences, before.ExchangeAudiences), string.Join(' ', now.ExchangeAudiences)),
        ("access_token_format", now.AccessTokenFormat != before.AccessTokenFormat, null),
        ("access_token_lifetime", now.AccessTokenLifetime != before.AccessTokenLifetime, null),
        ("id_token_signed_response_alg", now.IdTokenSignedResponseAlg != before.IdTokenSignedResponseAlg, null),
        ("introspection", now.Introspection != before.Introspection, YesOrNo(now.Introspection)),
        ("consent_type", now.ConsentType != before.ConsentType, now.ConsentType),
        ("require_pkce", now.RequirePkce != before.RequirePkce, YesOrNo(now.RequirePkce)),
        ("require_pushed_authorization_requests",
            now.RequirePushedAuthorizationRequests != before.RequirePushedAuthorizationRequests,
            YesOrNo(now.RequirePushedAuthorizationRequests)),
        ("dpop_bound_access_tokens", now.DpopBoundAccessTokens != before.DpopBoundAccessTokens, YesOrNo(now.DpopBoundAccessTokens)),
        ("backchannel_logout_uri", now.BackChannelLogoutUri != before.BackChannelLogoutUri, now.BackChannelLogoutUri),
        ("backchannel_logout_session_required",
            now.BackChannelLogoutSessionRequired != before.BackChannelLogoutSessionRequired, null),
        ("client_uri", now.ClientUri != before.ClientUri, null), ("logo_uri", now.LogoUri != before.LogoUri, null),
        ("policy_uri", now.PolicyUri != before.PolicyUri, null), ("tos_uri", now.TosUri != before.TosUri, null),
    ];

    private static bool AreOther(IEnumerable<string> now, IEnumerable<string> before) => !now.ToHashSet().SetEquals(before);

    // Their thumbprints (RFC 7638), which tell one key from another.
    private static string KeysOf(ClientRegistration registration) =>
        registration.Jwks is { } keys ? string.Join(' ', ClientKeys.ThumbprintsOf(keys)) : "";

    private static string YesOrNo(bool yes) => yes ? "yes" : "no";
}
