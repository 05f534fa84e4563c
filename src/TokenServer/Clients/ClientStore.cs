using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OpenIddict.EntityFrameworkCore;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Clients;

/// <summary>The clients as OpenIddict asks for them: found in memory, each time as a copy that the caller may change, written through the
/// queue (docs/decisions/0020). What reads or writes only the entity is its own store's.</summary>
internal sealed class ClientStore(
    KnownClients clients, ClientSessions sessions, Database database, TimeOrderedId ids, IMemoryCache cache,
        IOptionsMonitor<OpenIddictEntityFrameworkCoreOptions> options)
    : OpenIddictEntityFrameworkCoreApplicationStore<ApplicationRow, AuthorizationRow, TokenRow, long>(cache, new NoSharedContext(), options)
{
    public override ValueTask<long> CountAsync(CancellationToken ct) => CountAsync(rows => rows, ct);
    public override ValueTask<long> CountAsync<TResult>(
        Func<IQueryable<ApplicationRow>, IQueryable<TResult>> query, CancellationToken ct) =>
        new(database.Query<ApplicationRow, long>(rows => query(rows).LongCount()));

    public override ValueTask<TResult?> GetAsync<TState, TResult>(Func<IQueryable<ApplicationRow>, TState, IQueryable<TResult>> query,
        TState state, CancellationToken ct) where TResult : default =>
        new(database.Query<ApplicationRow, TResult?>(rows => query(rows, state).FirstOrDefault()));

    public override IAsyncEnumerable<ApplicationRow> ListAsync(int? count, int? offset, CancellationToken ct) =>
        database.List<ApplicationRow, ApplicationRow>(rows => rows.OrderBy(a => a.Id).Part(count, offset));
    public override IAsyncEnumerable<TResult> ListAsync<TState, TResult>(
        Func<IQueryable<ApplicationRow>, TState, IQueryable<TResult>> query, TState state, CancellationToken ct) =>
        database.List<ApplicationRow, TResult>(rows => query(rows, state));

    public override ValueTask<ApplicationRow?> FindByClientIdAsync(string identifier, CancellationToken ct) =>
        new(clients.Find(identifier)?.Row.Copy());
    public override ValueTask<ApplicationRow?> FindByIdAsync(string identifier, CancellationToken ct) =>
        new(RowId.Parse(identifier) is { } id ? clients.FindRow(id)?.Row.Copy() : null);

    public override IAsyncEnumerable<ApplicationRow> FindByRedirectUriAsync(string uri, CancellationToken ct) =>
        Where(row => row.ListRedirectUris().Contains(uri));
    public override IAsyncEnumerable<ApplicationRow> FindByPostLogoutRedirectUriAsync(string uri, CancellationToken ct) =>
        Where(row => StoredJson.ReadList(row.PostLogoutRedirectUris).Contains(uri));

    public override ValueTask<ImmutableArray<string>> GetPermissionsAsync(ApplicationRow application, CancellationToken ct) =>
        new(application.ListPermissions());
    public override ValueTask<ImmutableArray<string>> GetRequirementsAsync(ApplicationRow application, CancellationToken ct) =>
        new(application.ListRequirements());
    public override ValueTask<ImmutableArray<string>> GetRedirectUrisAsync(ApplicationRow application, CancellationToken ct) =>
        new(application.ListRedirectUris());
    public override ValueTask<ImmutableDictionary<string, string>> GetSettingsAsync(ApplicationRow application, CancellationToken ct) =>
        new(application.ListSettings());
    public override ValueTask<ImmutableDictionary<string, JsonElement>> GetPropertiesAsync(
        ApplicationRow application, CancellationToken ct) => new(application.ListProperties());

    public override async ValueTask CreateAsync(ApplicationRow application, CancellationToken ct)
    {
        if (application.Id == 0) application.Id = ids.Next();
        await SaveAsync(application, EntityState.Added, null);
    }

    public override async ValueTask UpdateAsync(ApplicationRow application, CancellationToken ct)
    {
        var changed = application.Copy();
        changed.ConcurrencyToken = RandomNumberGenerator.GetHexString(32);
        await SaveAsync(changed, EntityState.Modified, application.ConcurrencyToken);
        application.ConcurrencyToken = changed.ConcurrencyToken;
    }

    /// <summary>Deletes it; its sessions end and every token it was given is dead, as everywhere a client is deleted.</summary>
    public override async ValueTask DeleteAsync(ApplicationRow application, CancellationToken ct)
    {
        await SaveAsync(application, EntityState.Deleted, application.ConcurrencyToken);
        await sessions.EndAsync(application.Id);
    }

    public override string? ConvertIdentifierToString(long identifier) => RowId.Text(identifier);

    private async Task SaveAsync(ApplicationRow row, EntityState state, string? seen)
    {
        await database.WriteAsync(s => s.Save(row, state, seen));
        clients.Reload();
    }

    private IAsyncEnumerable<ApplicationRow> Where(Func<ApplicationRow, bool> matches) =>
        clients.All.Select(c => c.Row).Where(matches).Select(row => row.Copy()).ToAsyncEnumerable();
}
