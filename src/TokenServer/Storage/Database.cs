using System.Collections.Concurrent;
using System.Data.Common;
using TokenServer.Hosting;

namespace TokenServer.Storage;

/// <summary>The way to the database: reads on connections of their own, every write through the <see cref="WriteQueue"/>.</summary>
internal sealed class Database : IDisposable
{
    private const int IdleReaders = 32;
    private readonly DatabaseProvider provider;
    private readonly ConcurrentBag<Statements> readers = [];
    private readonly WriteQueue writes;

    /// <summary>Opens the database and brings its schema up to date.</summary>
    /// <exception cref="SettingException">The database cannot be used; the message says why and names the setting.</exception>
    public Database(DatabaseProvider provider, IEnumerable<IHostedSchema> schemas)
    {
        this.provider = provider;
        var writer = new Statements(provider.Open());
        try
        {
            Schema.Upgrade<ServerDbContext>(writer, options => new(options), Schema.ServerHistory);
            foreach (var schema in schemas) schema.Upgrade(writer);
        }
        catch (Exception e)
        {
            writer.Dispose();
            if (e is DbException failure) throw provider.Explain(failure);
            throw;
        }
        writes = new WriteQueue(writer);
    }

    /// <summary>Runs <paramref name="work"/> in a transaction and completes after its commit is on disk.</summary>
    public Task<T> WriteAsync<T>(Func<Statements, T> work) => writes.RunAsync(work);

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<Statements> work) => writes.RunAsync(s =>
    {
        work(s);
        return true;
    });

    /// <summary>Reads what is committed.</summary>
    /// <exception cref="StorageUnavailableException">The database did not answer.</exception>
    public T Read<T>(Func<Statements, T> query)
    {
        Statements? reader = null;
        try
        {
            if (!readers.TryTake(out reader)) reader = new Statements(provider.Open());
            var result = query(reader);
            if (readers.Count >= IdleReaders) return result;
            readers.Add(reader);
            reader = null;
            return result;
        }
        catch (Exception e) when (e is DbException || e is SettingException && reader is null)
        {
            throw new StorageUnavailableException("the database did not answer a query", e);
        }
        finally
        {
            reader?.Dispose();
        }
    }

    public void Dispose()
    {
        writes.Dispose();
        foreach (var reader in readers) reader.Dispose();
    }
}
