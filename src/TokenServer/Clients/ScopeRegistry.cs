using System.Collections.Frozen;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Clients;

/// <summary>The scopes that exist and the resources they are for: OpenID's own, <c>admin</c>,
/// and those registered in OpenIddictScopes.</summary>
internal sealed class ScopeRegistry(Database database) : IKeptInMemory
{
    private const string SelectSql = """
        SELECT "Id", "Name", "Resources", "ConcurrencyToken", "DisplayName", "DisplayNames", "Description", "Descriptions", "Properties"
        FROM "OpenIddictScopes"
        """;
    private static readonly string[] BuiltIn =
        [ScopeSet.OpenId, ScopeSet.Profile, ScopeSet.Email, ScopeSet.OfflineAccess, ScopeSet.Admin];
    private readonly Lock reading = new();
    private volatile FrozenDictionary<string, string[]> resources = FrozenDictionary<string, string[]>.Empty;
    private volatile FrozenDictionary<string, ScopeRow> rows = FrozenDictionary<string, ScopeRow>.Empty;

    public string VersionName => "scopes";

    /// <summary>Another object after each change.</summary>
    public object Snapshot => resources;

    /// <summary>Whether a scope is there without being registered.</summary>
    public static bool IsBuiltIn(string scope) => BuiltIn.Contains(scope);

    /// <summary>The names of all scopes, sorted.</summary>
    public IEnumerable<string> Names => resources.Keys.Order(StringComparer.Ordinal);

    /// <summary>The registered ones, in the order of their ids; shared, so nobody changes them.</summary>
    public IEnumerable<ScopeRow> Rows => rows.Values.OrderBy(s => s.Id);

    /// <summary>Whether a scope is for <paramref name="resource"/>.</summary>
    public bool HasResource(string resource) => resources.Values.Any(r => r.Contains(resource));

    /// <summary>The resources of one scope; empty where it has none, or does not exist.</summary>
    public string[] ResourcesOf(string scope) => resources.GetValueOrDefault(scope) ?? [];

    public bool Exists(string scope) => resources.ContainsKey(scope);

    /// <summary>The registered scope of this name; shared, so nobody changes it.</summary>
    public ScopeRow? FindRow(string name) => rows.GetValueOrDefault(name);

    /// <summary>A registered scope as it is in the caller's transaction.</summary>
    public static ScopeRow? Find(Statements s, string name) => s.First(SelectSql + """ WHERE "Name"=@p0""", Of, name);

    /// <summary>Those of <paramref name="wanted"/> that exist: a scope may have been deleted since it was registered or granted.</summary>
    public ScopeSet Existing(ScopeSet wanted)
    {
        foreach (string scope in wanted)
            if (!Exists(scope)) return ScopeSet.Of(wanted.Where(Exists));
        return wanted;
    }

    /// <summary>The resources of <paramref name="scopes"/>, which become the <c>aud</c> of a token; empty where they have none.</summary>
    public string[] ResourcesOf(ScopeSet scopes)
    {
        string[] found = [];
        foreach (string scope in scopes)
            if (ResourcesOf(scope) is { Length: > 0 } more) found = found.Length == 0 ? more : [.. found.Union(more)];
        return found;
    }

    public void Reload()
    {
        lock (reading) Read();
    }

    private void Read()
    {
        var registered = database.Read(s => s.All(SelectSql, Of));
        var all = BuiltIn.ToDictionary(name => name, _ => Array.Empty<string>());
        foreach (var row in registered) all[row.Name!] = [.. row.ListResources()];
        rows = registered.ToFrozenDictionary(r => r.Name!, StringComparer.Ordinal);
        resources = all.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static ScopeRow Of(DbDataReader r) => new()
    {
        Id = r.GetInt64(0), Name = r.GetString(1), Resources = Row.TextOrNull(r, 2), ConcurrencyToken = Row.TextOrNull(r, 3),
        DisplayName = Row.TextOrNull(r, 4), DisplayNames = Row.TextOrNull(r, 5), Description = Row.TextOrNull(r, 6),
        Descriptions = Row.TextOrNull(r, 7), Properties = Row.TextOrNull(r, 8),
    };

    /// <summary>Whether <paramref name="text"/> may name a scope: RFC 6749's scope-token, 100 characters at most.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 100 && text.All(c => c is >= '!' and <= '~' and not '"' and not '\\');
}
