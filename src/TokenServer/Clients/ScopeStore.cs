using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OpenIddict.EntityFrameworkCore;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Clients;

/// <summary>The registered scopes as OpenIddict asks for them: found in memory, written through the queue (docs/decisions/0020).</summary>
internal sealed class ScopeStore(
    ScopeRegistry scopes, Database database, TimeOrderedId ids, IMemoryCache cache,
        IOptionsMonitor<OpenIddictEntityFrameworkCoreOptions> options)
    : OpenIddictEntityFrameworkCoreScopeStore<ScopeRow, long>(cache, new NoSharedContext(), options)
{
    public override ValueTask<long> CountAsync(CancellationToken ct) => CountAsync(rows => rows, ct);
    public override ValueTask<long> CountAsync<TResult>(Func<IQueryable<ScopeRow>, IQueryable<TResult>> query, CancellationToken ct) =>
        new(database.Query<ScopeRow, long>(rows => query(rows).LongCount()));

    public override ValueTask<TResult?> GetAsync<TState, TResult>(Func<IQueryable<ScopeRow>, TState, IQueryable<TResult>> query,
        TState state, CancellationToken ct) where TResult : default =>
        new(database.Query<ScopeRow, TResult?>(rows => query(rows, state).FirstOrDefault()));

    public override IAsyncEnumerable<ScopeRow> ListAsync(int? count, int? offset, CancellationToken ct) =>
        database.List<ScopeRow, ScopeRow>(rows => rows.OrderBy(a => a.Id).Part(count, offset));
    public override IAsyncEnumerable<TResult> ListAsync<TState, TResult>(
        Func<IQueryable<ScopeRow>, TState, IQueryable<TResult>> query, TState state, CancellationToken ct) =>
        database.List<ScopeRow, TResult>(rows => query(rows, state));

    public override ValueTask<ScopeRow?> FindByIdAsync(string identifier, CancellationToken ct) =>
        new(RowId.Parse(identifier) is { } id ? scopes.Rows.FirstOrDefault(s => s.Id == id)?.Copy() : null);

    public override ValueTask<ScopeRow?> FindByNameAsync(string name, CancellationToken ct) => new(scopes.FindRow(name)?.Copy());

    public override IAsyncEnumerable<ScopeRow> FindByNamesAsync(ImmutableArray<string> names, CancellationToken ct) =>
        names.Select(scopes.FindRow).OfType<ScopeRow>().Select(row => row.Copy()).ToAsyncEnumerable();

    public override IAsyncEnumerable<ScopeRow> FindByResourceAsync(string resource, CancellationToken ct) =>
        scopes.Rows.Where(s => s.ListResources().Contains(resource)).Select(row => row.Copy()).ToAsyncEnumerable();

    public override ValueTask<ImmutableArray<string>> GetResourcesAsync(ScopeRow scope, CancellationToken ct) => new(scope.ListResources());

    public override async ValueTask CreateAsync(ScopeRow scope, CancellationToken ct)
    {
        if (scope.Id == 0) scope.Id = ids.Next();
        await SaveAsync(scope, EntityState.Added, null);
    }

    public override async ValueTask UpdateAsync(ScopeRow scope, CancellationToken ct)
    {
        var changed = scope.Copy();
        changed.ConcurrencyToken = RandomNumberGenerator.GetHexString(32);
        await SaveAsync(changed, EntityState.Modified, scope.ConcurrencyToken);
        scope.ConcurrencyToken = changed.ConcurrencyToken;
    }

    public override async ValueTask DeleteAsync(ScopeRow scope, CancellationToken ct) =>
        await SaveAsync(scope, EntityState.Deleted, scope.ConcurrencyToken);

    public override string? ConvertIdentifierToString(long identifier) => RowId.Text(identifier);

    private async Task SaveAsync(ScopeRow row, EntityState state, string? seen)
    {
        await database.WriteAsync(s => s.Save(row, state, seen));
        scopes.Reload();
    }
}
