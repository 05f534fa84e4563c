using System.Collections.Frozen;

namespace TokenServer.Web.Shared;

/// <summary>What people call the fields that the core's problems begin with: their labels.</summary>
internal static class FieldWords
{
    private static readonly FrozenDictionary<string, string> Labels = new Dictionary<string, string>
    {
        ["client_id"] = "Client ID", ["client_name"] = "Name", ["grant_types"] = "Grant types", ["scope"] = "Scopes it may ask for",
        ["token_endpoint_auth_method"] = "Method", ["jwks"] = "Its public keys (JWK Set)", ["redirect_uris"] = "Redirect URIs",
        ["post_logout_redirect_uris"] = "Where to go after signing out", ["consent_type"] = "People are asked",
        ["require_pkce"] = "Codes need a challenge (PKCE)", ["require_pushed_authorization_requests"] = "Requests must be pushed (PAR)",
        ["backchannel_logout_uri"] = "Where it is told that a session has ended", ["access_token_format"] = "Access tokens",
        ["client_uri"] = "Home page", ["logo_uri"] = "Logo", ["policy_uri"] = "Privacy policy", ["tos_uri"] = "Terms of service",
        ["access_token_lifetime"] = "Lifetime of its access tokens",
        ["id_token_signed_response_alg"] = "ID tokens are signed with", ["audiences"] = "Audiences whose tokens it may introspect",
        ["exchange_audiences"] = "Audiences it may exchange a token for", ["username"] = "User name", ["email"] = "E-mail address",
        ["name"] = "Name", ["role"] = "Role", ["password"] = "Password", ["display_name"] = "Name for people",
        ["description"] = "Description", ["resources"] = "Resources",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The field that a problem begins with; null where it begins with none.</summary>
    public static string? FieldOf(string problem) => FirstOf(problem) switch
    {
        _ when problem.StartsWith("the user name ", StringComparison.Ordinal) => "username",
        _ when problem.StartsWith("the e-mail address ", StringComparison.Ordinal) => "email",
        var first => Labels.ContainsKey(first) ? first : null,
    };

    /// <summary>The problem with the field's label in the place of its name.</summary>
    public static string InWords(string problem) =>
        Labels.TryGetValue(FirstOf(problem), out string? label) ? $"“{label}”{problem[FirstOf(problem).Length..]}" : problem;

    /// <summary>Problems of fields as the core has them: the field's name first.</summary>
    public static string TooLong(string field, int longest) => $"{field} may have {longest} characters at most";

    /// <inheritdoc cref="TooLong"/>
    public static string Unreadable(string field, int longest) => $"{TooLong(field, longest)}, and no NUL";

    /// <inheritdoc cref="TooLong"/>
    public static string HasNul(string field) => $"{field} may have no NUL";

    /// <inheritdoc cref="TooLong"/>
    public static string NoSeconds(string field) => $"{field} must be a number of seconds";

    private static string FirstOf(string problem) => problem.Split(' ', 2)[0];
}
