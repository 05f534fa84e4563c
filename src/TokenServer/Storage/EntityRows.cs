using OpenIddict.EntityFrameworkCore;
using static OpenIddict.Abstractions.OpenIddictExceptions;

namespace TokenServer.Storage;

/// <summary>Reads and writes rows as entities, for what is asked seldom or in any shape: OpenIddict's managers, above all.</summary>
internal static class EntityRows
{
    /// <summary>What <paramref name="query"/> makes of a table's rows.</summary>
    public static T Query<TRow, T>(this Database database, Func<IQueryable<TRow>, T> query) where TRow : class => database.Read(s =>
    {
        using var context = s.Context();
        return query(context.Set<TRow>().AsNoTracking());
    });

    /// <summary>The rows that <paramref name="query"/> finds, all read before the first is handed out: no connection waits for the
    /// caller.</summary>
    public static IAsyncEnumerable<T> List<TRow, T>(
        this Database database, Func<IQueryable<TRow>, IQueryable<T>> query) where TRow : class =>
        database.Query<TRow, List<T>>(rows => [.. query(rows)]).ToAsyncEnumerable();

    /// <summary>Part of the rows, in the order they are in.</summary>
    public static IQueryable<T> Part<T>(this IQueryable<T> rows, int? count, int? offset)
    {
        if (offset is { } skipped) rows = rows.Skip(skipped);
        return count is { } taken ? rows.Take(taken) : rows;
    }

    /// <summary>Inserts, changes or deletes a row in the caller's transaction.</summary>
    /// <param name="statements">The caller's.</param>
    /// <param name="row">The row as it shall be.</param>
    /// <param name="state">What is done with it.</param>
    /// <param name="seen">Its <c>ConcurrencyToken</c> as it was read, for one that is there.</param>
    /// <exception cref="ConcurrencyException">It is not as it was read.</exception>
    public static void Save(this Statements statements, object row, EntityState state, string? seen = null)
    {
        using var context = statements.Context();
        var entry = context.Entry(row);
        entry.State = state;
        if (state != EntityState.Added) entry.Property("ConcurrencyToken").OriginalValue = seen;
        try
        {
            context.SaveChanges();
        }
        catch (DbUpdateConcurrencyException e)
        {
            throw Lost(e);
        }
    }

    /// <summary>What OpenIddict's managers expect where another was faster.</summary>
    public static ConcurrencyException Lost(Exception? cause = null) => new("it was changed in the meantime", cause);
}

/// <summary>The keys of OpenIddict's tables as its managers carry them: decimal text.</summary>
internal static class RowId
{
    /// <summary>Null where it is none.</summary>
    public static long? Parse(
        string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long id) ? id : null;

    /// <summary>Null where there is none.</summary>
    public static string? Text(long? id) => id is null or 0 ? null : id.Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Stands for the context that OpenIddict's stores would share: here each operation has one of its own, on the connection it runs
/// on.</summary>
internal sealed class NoSharedContext : IOpenIddictEntityFrameworkCoreContext
{
    public ValueTask<DbContext> GetDbContextAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException("this store has no context: what needs one is overridden");
}
