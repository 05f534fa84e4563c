namespace TokenServer.Tests.Support;

/// <summary>The clients and users that tests start with, and their secrets.</summary>
internal static class TestImport
{
    public const string Password = "correct horse battery", Secret = "secret of a test client", TotpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

    /// <summary>web: all user grants; worker: client_credentials; opaque: the same, opaque tokens; api: introspects "api"; other: like web; mobile: public; plain: password only.
    /// jane: admin; john: second factor; bob: neither.</summary>
    public const string Json = $$"""
        {
          "clients": [
            { "client_id": "web", "client_secret": "{{Secret}}", "grant_types": ["password", "refresh_token", "urn:tokenserver:grant-type:two_factor"], "scope": "openid profile email offline_access api admin", "introspection": true },
            { "client_id": "other", "client_secret": "{{Secret}}", "grant_types": ["password", "refresh_token", "urn:tokenserver:grant-type:two_factor"], "scope": "openid offline_access api" },
            { "client_id": "worker", "client_secret": "{{Secret}}", "grant_types": ["client_credentials"], "scope": "api files" },
            { "client_id": "opaque", "client_secret": "{{Secret}}", "grant_types": ["client_credentials", "password"], "scope": "openid api", "access_token_format": "opaque", "access_token_lifetime": 600 },
            { "client_id": "api", "client_secret": "{{Secret}}", "audiences": ["api"], "introspection": true },
            { "client_id": "plain", "client_secret": "{{Secret}}", "grant_types": ["password"], "scope": "openid api", "token_endpoint_auth_method": "client_secret_post", "id_token_signed_response_alg": "ES256" },
            { "client_id": "mobile", "grant_types": ["password", "refresh_token", "urn:tokenserver:grant-type:two_factor"], "scope": "openid offline_access api" }
          ],
          "scopes": [{ "name": "api", "display_name": "API", "resources": ["api"] }, { "name": "files", "resources": ["files", "archive"] }],
          "users": [
            { "username": "jane", "email": "jane@example.com", "name": "Jane Doe", "role": "admin", "password": "{{Password}}" },
            { "username": "john", "email": "john@example.com", "name": "John Roe", "password": "{{Password}}", "totp_secret": "{{TotpSecret}}" },
            { "username": "bob", "email": "bob@example.com", "password": "{{Password}}" }
          ]
        }
        """;
}
