using TokenServer.Clients;

namespace TokenServer.Accounts.ApiKeys;

/// <summary>What an API key may be used for: all that a key may do, or less (contract section 4).</summary>
internal static class ApiKeyScopes
{
    /// <summary>Everything, and what resource servers know by the audience of the same name.</summary>
    public const string Api = "api";

    /// <summary>GET /auth/me.</summary>
    public const string Profile = "profile";

    /// <summary>GET /api/tunnels.</summary>
    public const string Tunnels = "tunnels";

    private static readonly string[] All = [Api, Profile, Tunnels];

    /// <summary>The words that a key's scopes may be.</summary>
    public static string Words => string.Join(", ", All);

    /// <summary>The scopes of a key that was made without a word about them.</summary>
    public static readonly ScopeSet Default = ScopeSet.Parse(Api);

    /// <summary>The scopes of a text, which are stored like that; null where it has none, or one that no key has.</summary>
    public static ScopeSet? Read(string text) =>
        ScopeSet.Parse(text) is { Count: > 0 } scopes && scopes.All(s => Array.IndexOf(All, s) >= 0) ? scopes : null;

    /// <summary>Whether a key, or an application, of these scopes may be used for what needs <paramref name="scope"/>.</summary>
    public static bool May(ScopeSet scopes, string scope) => scopes.Contains(Api) || scopes.Contains(scope);
}
