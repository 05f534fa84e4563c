using System.Collections;

namespace TokenServer.Clients;

/// <summary>Scopes in the order they were named, each once (RFC 6749 section 3.3).</summary>
internal sealed class ScopeSet : IReadOnlyCollection<string>
{
    public const string OpenId = "openid", Profile = "profile", Email = "email", OfflineAccess = "offline_access", Admin = "admin";
    public static readonly ScopeSet Empty = new([]);
    private readonly string[] names;
    private readonly string text;

    private ScopeSet(string[] names) => (this.names, text) = (names, string.Join(' ', names));

    public int Count => names.Length;

    /// <summary>The scopes in a space-separated list; null text is none.</summary>
    public static ScopeSet Parse(string? list) => string.IsNullOrWhiteSpace(list) ? Empty
        : new([.. list.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)]);

    public static ScopeSet Of(IEnumerable<string> names) => new([.. names.Distinct(StringComparer.Ordinal)]);

    public bool Contains(string scope) => Array.IndexOf(names, scope) >= 0;

    public bool IsSubsetOf(ScopeSet other)
    {
        foreach (string name in names)
            if (!other.Contains(name)) return false;
        return true;
    }

    /// <summary>The scopes that are in both; this same set where all are.</summary>
    public ScopeSet Intersect(ScopeSet other) => IsSubsetOf(other) ? this : new([.. names.Where(other.Contains)]);

    public ScopeSet Without(params ReadOnlySpan<string> scopes)
    {
        var left = new List<string>(names);
        foreach (string scope in scopes) left.Remove(scope);
        return left.Count == names.Length ? this : new([.. left]);
    }

    /// <summary>The space-separated list, as <c>scope</c> carries it.</summary>
    public override string ToString() => text;

    public IEnumerator<string> GetEnumerator() => names.AsEnumerable().GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
