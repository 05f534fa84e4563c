using OpenIddict.EntityFrameworkCore.Models;

namespace TokenServer.Storage.Rows;

/// <summary>A row of OpenIddictScopes.</summary>
internal sealed class ScopeRow : OpenIddictEntityFrameworkCoreScope<long>
{
    // Copies share what was read out of the column.
    private readonly ReadOnce<ImmutableArray<string>> resources = new(StoredJson.ReadList);

    /// <summary>The same, for whoever may change it.</summary>
    public ScopeRow Copy() => (ScopeRow)MemberwiseClone();

    public ImmutableArray<string> ListResources() => resources.Of(Resources);
}
