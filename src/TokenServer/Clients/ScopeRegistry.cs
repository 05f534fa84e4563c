using System.Collections.Frozen;
using TokenServer.Storage;

namespace TokenServer.Clients;

/// <summary>The scopes that exist and the resources they are for: OpenID's own, <c>admin</c>, and those registered in OpenIddictScopes.</summary>
internal sealed class ScopeRegistry(Database database) : IKeptInMemory
{
    public const string Name = "scopes";
    private static readonly string[] BuiltIn = [ScopeSet.OpenId, ScopeSet.Profile, ScopeSet.Email, ScopeSet.OfflineAccess, ScopeSet.Admin];
    private readonly Lock reading = new();
    private volatile FrozenDictionary<string, string[]> resources = FrozenDictionary<string, string[]>.Empty;

    public string VersionName => Name;

    /// <summary>The names of all scopes, sorted.</summary>
    public IEnumerable<string> Names => resources.Keys.Order(StringComparer.Ordinal);

    public bool Exists(string scope) => resources.ContainsKey(scope);

    /// <summary>The resources of <paramref name="scopes"/>, which become the <c>aud</c> of a token; empty where they have none.</summary>
    public string[] ResourcesOf(ScopeSet scopes)
    {
        string[] found = [];
        foreach (string scope in scopes)
            if (resources.GetValueOrDefault(scope) is { Length: > 0 } more) found = found.Length == 0 ? more : [.. found.Union(more)];
        return found;
    }

    public void Reload()
    {
        lock (reading) Read();
    }

    private void Read()
    {
        var registered = database.Read(s => s.All("""SELECT "Name", "Resources" FROM "OpenIddictScopes" """,
            r => (Name: r.GetString(0), Resources: ClientColumns.ReadList(Row.TextOrNull(r, 1)))));
        var all = BuiltIn.ToDictionary(name => name, _ => Array.Empty<string>());
        foreach (var (name, of) in registered) all[name] = of;
        resources = all.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Whether <paramref name="text"/> may name a scope: RFC 6749's scope-token, 100 characters at most.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= 100 && text.All(c => c is >= '!' and <= '~' and not '"' and not '\\');
}
