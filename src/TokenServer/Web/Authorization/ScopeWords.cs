using TokenServer.Clients;

namespace TokenServer.Web.Authorization;

/// <summary>Scopes in people's words: of OpenID's own in ours, of the registered ones in those of their description.</summary>
internal static class ScopeWords
{
    private static readonly Dictionary<string, string> BuiltIn = new(StringComparer.Ordinal)
    {
        [ScopeSet.OpenId] = "Sign you in, and know you again the next time",
        [ScopeSet.Profile] = "See your name, your user name and your role",
        [ScopeSet.Email] = "See your e-mail address",
        [ScopeSet.OfflineAccess] = "Keep this access while you are away, after you have signed out too, until you take it back",
        [ScopeSet.Admin] = "Administer this server: its clients, users, sessions and keys",
    };

    /// <summary>What each of <paramref name="scopes"/> lets a client do.</summary>
    public static IReadOnlyList<string> Of(ScopeSet scopes, ScopeRegistry registry) => [.. scopes.Select(s => Of(s, registry))];

    /// <summary>What a scope lets a client do.</summary>
    public static string Of(string scope, ScopeRegistry registry)
    {
        if (BuiltIn.TryGetValue(scope, out string? words)) return words;
        var row = registry.FindRow(scope);
        if (!string.IsNullOrWhiteSpace(row?.Description)) return row.Description;
        return string.IsNullOrWhiteSpace(row?.DisplayName) ? $"Use “{scope}”" : $"Use {row.DisplayName}";
    }
}
