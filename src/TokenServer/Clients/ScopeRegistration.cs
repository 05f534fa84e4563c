using TokenServer.Foundation.Precis;
using TokenServer.Storage.Rows;

namespace TokenServer.Clients;

/// <summary>A scope as it is registered (contract section 7).</summary>
internal sealed class ScopeRegistration
{
    private const int MostResources = 20, LongestResource = 200, LongestText = 500;

    [JsonPropertyName("name")] public string Name { get; set; } = "";
    [JsonPropertyName("display_name")] public string? DisplayName { get; set; }

    /// <summary>What people read before they allow it.</summary>
    [JsonPropertyName("description")] public string? Description { get; set; }

    /// <summary>What becomes the <c>aud</c> of a token with this scope.</summary>
    [JsonPropertyName("resources")] public string[] Resources { get; set; } = [];

    /// <summary>The registration that <paramref name="row"/> holds.</summary>
    public static ScopeRegistration Of(ScopeRow row) => new()
    {
        Name = row.Name!, DisplayName = row.DisplayName, Description = row.Description, Resources = [.. row.ListResources()],
    };

    /// <summary>What is wrong with it, naming the field; null where nothing is.</summary>
    public string? Problem()
    {
        if (Name is null || !ScopeRegistry.IsName(Name))
            return "name must be 1 to 100 printable ASCII characters without spaces, quotes or backslashes";
        if (Name is "." or ".." || Name.Contains("%2F", StringComparison.OrdinalIgnoreCase))
            return "name may not be . or .., nor hold %2F: it is part of addresses";
        if (IsWrong(DisplayName)) return $"display_name may have {LongestText} characters at most; it {GivenName.Rule}";
        if (IsWrong(Description)) return $"description may have {LongestText} characters at most; it {GivenName.Rule}";
        if (Resources is null || Resources.Any(string.IsNullOrWhiteSpace)) return "resources has an empty entry";
        if (Resources.Length > 0 && ScopeRegistry.IsBuiltIn(Name)) return "resources cannot be given to a scope that is built in";
        return Resources.Length > MostResources || Resources.Any(r => r.Length > LongestResource || GivenName.Of(r) is null)
            ? $"resources may have {MostResources} entries of {LongestResource} characters at most, without control characters" : null;
    }

    private static bool IsWrong(string? text) => text?.Length > LongestText || text?.Length > 0 && GivenName.Of(text) is null;

    /// <summary>What is other than in <paramref name="before"/>, for the audit trail.</summary>
    public string Difference(ScopeRegistration before) => string.Join("; ",
    [
        .. DisplayName == before.DisplayName ? [] : (string[])["display_name"],
        .. Description == before.Description ? [] : (string[])["description"],
        .. Resources.SequenceEqual(before.Resources) ? [] : (string[])[$"resources: {string.Join(' ', Resources)}"],
    ]);
}
