using OpenIddict.EntityFrameworkCore.Models;

namespace TokenServer.Storage.Rows;

/// <summary>A row of OpenIddictApplications: a registered client (<see cref="Clients.Client"/> is what it says).</summary>
internal sealed class ApplicationRow : OpenIddictEntityFrameworkCoreApplication<long, AuthorizationRow, TokenRow>
{
    // Copies share what was read out of their columns.
    private readonly Columns columns = new();

    /// <summary>The same, for whoever may change it.</summary>
    public ApplicationRow Copy() => (ApplicationRow)MemberwiseClone();

    /// <summary>What <see cref="OpenIddictEntityFrameworkCoreApplication{TKey,TAuthorization,TToken}.Permissions"/> lists.</summary>
    public ImmutableArray<string> ListPermissions() => columns.Permissions.Of(Permissions);
    public ImmutableArray<string> ListRequirements() => columns.Requirements.Of(Requirements);
    public ImmutableArray<string> ListRedirectUris() => columns.RedirectUris.Of(RedirectUris);
    public ImmutableDictionary<string, string> ListSettings() => columns.Settings.Of(Settings);
    public ImmutableDictionary<string, JsonElement> ListProperties() => columns.Properties.Of(Properties);

    private sealed class Columns
    {
        public readonly ReadOnce<ImmutableArray<string>> Permissions = new(StoredJson.ReadList), Requirements = new(StoredJson.ReadList),
            RedirectUris = new(StoredJson.ReadList);
        public readonly ReadOnce<ImmutableDictionary<string, string>> Settings = new(StoredJson.ReadTexts);
        public readonly ReadOnce<ImmutableDictionary<string, JsonElement>> Properties = new(StoredJson.ReadValues);
    }
}
