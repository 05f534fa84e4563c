using TokenServer.Storage;

namespace TokenServer.Clients;

/// <summary>The words that a client's columns are written in: OpenIddict's where it has one.</summary>
internal static class ClientColumns
{
    public const string GrantType = "gt:", Scope = "scp:", Audience = "aud:", Introspection = "ept:introspection",
        Token = "ept:token", Revocation = "ept:revocation", Authorization = "ept:authorization",
        PushedAuthorization = "ept:pushed_authorization", DeviceAuthorization = "ept:device_authorization", EndSession = "ept:end_session",
        ResponseType = "rst:", CodeResponse = "rst:code", Resource = "rsrc:";
    public const string AccessTokenLifetime = "tkn_lft:act", AccessTokenFormat = "access_token_format",
        AuthMethod = "token_endpoint_auth_method",
        IdentityTokenAlgorithm = "id_token_signed_response_alg",
        BackChannelLogoutUri = "backchannel_logout_uri", BackChannelLogoutSessionRequired = "backchannel_logout_session_required",
        DpopBoundAccessTokens = "dpop_bound_access_tokens",
        ClientUri = "client_uri", LogoUri = "logo_uri", PolicyUri = "policy_uri", TosUri = "tos_uri", Yes = "true";
    public const string Internal = "internal", Confidential = "confidential";
    public const string RevokedAt = "revoked_at", ValidAfter = "valid_after", OldSecret = "old_secret";

    /// <summary>The condition of a row that is not the server's own.</summary>
    public const string IsRegistered = """coalesce("ApplicationType", '')<>'internal'""";

    /// <summary>Whether a permission is one that a registration speaks of; others are left as they are.</summary>
    public static bool IsRegistrations(string permission) => permission is Introspection or Token or Revocation
        or Authorization or PushedAuthorization or DeviceAuthorization or EndSession or CodeResponse
        || permission.StartsWith(GrantType, StringComparison.Ordinal) || permission.StartsWith(Scope, StringComparison.Ordinal)
        || permission.StartsWith(Audience, StringComparison.Ordinal) || permission.StartsWith(Resource, StringComparison.Ordinal);

    public static string[] ReadList(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize(json, StorageJson.Default.StringArray) ?? [];
    public static Dictionary<string, string> ReadTexts(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize(json, StorageJson.Default.DictionaryStringString) ?? [];
    public static string Write(IEnumerable<string> list) => JsonSerializer.Serialize([.. list], StorageJson.Default.StringArray);
    public static string Write(Dictionary<string, string> texts) =>
        JsonSerializer.Serialize(texts, StorageJson.Default.DictionaryStringString);
}
