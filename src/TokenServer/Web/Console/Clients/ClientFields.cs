using TokenServer.Clients;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Clients;

/// <summary>The fields of a registration in a form.</summary>
internal static class ClientFields
{
    private const int LongestName = 200, LongestList = ClientRegistration.LongestList;

    /// <summary>What a form says, and what of it cannot be read. Client id and secret are none of it.</summary>
    public static (ClientRegistration Registration, string? Problem) Read(HttpRequest request)
    {
        var form = new FieldReader(request);
        bool Ticked(string field) => form.Ticked(field).Length > 0;
        string? Address(string field) => form.Text(field, RedirectUris.Longest);
        var registration = new ClientRegistration
        {
            ClientName = form.Text("client_name", LongestName), GrantTypes = form.Ticked("grant_types"),
            Scope = string.Join(' ', form.AllWords("scope", LongestList)), RedirectUris = form.Words("redirect_uris", LongestList),
            PostLogoutRedirectUris = form.Words("post_logout_redirect_uris", LongestList),
            Audiences = form.Words("audiences", LongestList), ExchangeAudiences = form.Words("exchange_audiences", LongestList),
            TokenEndpointAuthMethod = form.Text("token_endpoint_auth_method", 100),
            Jwks = form.Text("jwks", LongestList) is { } keys ? ClientKeys.OfText(keys) : null,
            AccessTokenFormat = form.Text("access_token_format", 100),
            IdTokenSignedResponseAlg = form.Text("id_token_signed_response_alg", 100), Introspection = Ticked("introspection"),
            ConsentType = form.Text("consent_type", 100), RequirePkce = Ticked("require_pkce"),
            RequirePushedAuthorizationRequests = Ticked("require_pushed_authorization_requests"),
            DpopBoundAccessTokens = Ticked("dpop_bound_access_tokens"), BackChannelLogoutUri = Address("backchannel_logout_uri"),
            BackChannelLogoutSessionRequired = Ticked("backchannel_logout_session_required"),
            ClientUri = Address("client_uri"), LogoUri = Address("logo_uri"), PolicyUri = Address("policy_uri"),
            TosUri = Address("tos_uri"),
        };
        string? problem = form.Problem;
        if (form.Text("access_token_lifetime", 20) is { } text)
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
                registration.AccessTokenLifetime = seconds;
            else problem ??= FieldWords.NoSeconds("access_token_lifetime");
        }
        return (registration, problem);
    }
}
