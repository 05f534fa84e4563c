using TokenServer.Foundation;
using TokenServer.Storage.Providers;
using TokenServer.Telemetry;

namespace TokenServer.Storage;

/// <summary>The way to the database: reads on connections of their own, writes through a <see cref="WriteQueue"/>. An operation that writes
/// is alone, on all processes together, unless it says that it may run beside others of its kind; so what it has read is still so when it
/// commits.</summary>
internal sealed class Database : IDisposable
{
    private const int IdleReaders = 32, Together = 256, TogetherOverNetwork = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly DatabaseProvider provider;
    private readonly ConcurrentBag<Statements> idle = [];
    private readonly SemaphoreSlim? reading;
    private readonly WriteQueue alone, beside;
    private readonly Instruments instruments;

    /// <summary>Opens the database and brings its schema up to date.</summary>
    /// <exception cref="SettingException">The database cannot be used; the message says why and names the setting.</exception>
    public Database(DatabaseProvider provider, IEnumerable<IHostedSchema> schemas, Instruments instruments)
    {
        (this.provider, this.instruments) = (provider, instruments);
        try
        {
            using var writer = new Statements(provider);
            Schema.Upgrade<ServerDbContext>(writer, provider, options => new(options), Schema.ServerHistory,
                (Migrations.FindingByNames.Id, AccountName.FoldAll));
            foreach (var schema in schemas) schema.Upgrade(writer, provider);
        }
        catch (DbException e)
        {
            throw provider.Explain(e);
        }
        bool oneWriter = provider.WritersBeside == 0;
        if (provider.Readers < int.MaxValue) reading = new SemaphoreSlim(provider.Readers);
        alone = new WriteQueue(provider, provider.BeginAlone, instruments, oneWriter ? Together : TogetherOverNetwork);
        // One by one: two that wait for each other's rows would have to be ended by the database.
        beside = oneWriter ? alone : new WriteQueue(provider, provider.BeginBeside, instruments, together: 1, provider.WritersBeside);
    }

    /// <summary>How many operations wait for a writer now.</summary>
    public int WaitingWrites => alone.Length + (beside == alone ? 0 : beside.Length);

    /// <summary>Runs <paramref name="work"/> in a transaction, beside no other, and completes after its commit is on disk.</summary>
    public Task<T> WriteAsync<T>(Func<Statements, T> work) => RunAsync(alone, work);

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<Statements> work) => RunAsync(alone, Answering(work));

    /// <summary>Runs <paramref name="work"/> in a transaction that others of its kind may run beside: it decides by conditions in the
    /// statements that change something, locks one row at most, and keeps no audit entry.</summary>
    public Task<T> WriteBesideAsync<T>(Func<Statements, T> work) => RunAsync(beside, work);

    /// <inheritdoc cref="WriteBesideAsync{T}"/>
    public Task WriteBesideAsync(Action<Statements> work) => RunAsync(beside, Answering(work));

    /// <summary>Deletes in batches until there is nothing left to delete; others write in between.</summary>
    /// <param name="delete">Deletes a batch: the answer is how many.</param>
    /// <param name="batch">How many it deletes at most.</param>
    /// <param name="ct">Ends it after a batch.</param>
    public async Task<int> InBatchesAsync(Func<Statements, int> delete, int batch, CancellationToken ct)
    {
        int total = 0, deleted;
        do
        {
            ct.ThrowIfCancellationRequested();
            total += deleted = await WriteAsync(delete);
        }
        while (deleted == batch);
        return total;
    }

    /// <summary>Reads what is committed.</summary>
    /// <exception cref="StorageUnavailableException">The database did not answer.</exception>
    public T Read<T>(Func<Statements, T> query)
    {
        using var span = Spans.Start("read from database");
        if (reading?.Wait(Patience) == false) throw new StorageUnavailableException("too many queries are waiting");
        try
        {
            return Query(query);
        }
        catch (Exception e) when (DatabaseFailure.Of(e) is not null)
        {
            instruments.DatabaseUnavailable("read");
            Spans.Fail(span, e);
            throw new StorageUnavailableException("the database did not answer a query", e);
        }
        finally
        {
            reading?.Release();
        }
    }

    public void Dispose()
    {
        alone.Dispose();
        beside.Dispose();
        foreach (var reader in idle) reader.Dispose();
        reading?.Dispose();
    }

    private T Query<T>(Func<Statements, T> query)
    {
        if (idle.TryTake(out var reader))
        {
            try
            {
                return Keep(reader, query(reader));
            }
            catch (Exception e) when (!reader.IsOpen && DatabaseFailure.Of(e) is not null)
            {
                reader.Dispose();
                // It was closed at the other end while it lay here; so, most likely, were the others.
                while (idle.TryTake(out var other)) other.Dispose();
            }
            catch
            {
                reader.Dispose();
                throw;
            }
        }
        var opened = Open();
        try
        {
            return Keep(opened, query(opened));
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    // What a query itself finds wrong with a setting, as keys that open nothing, is for its caller.
    private Statements Open()
    {
        try
        {
            return new Statements(provider);
        }
        catch (SettingException e)
        {
            throw new StorageUnavailableException("the database did not answer a query", e);
        }
    }

    private T Keep<T>(Statements reader, T result)
    {
        if (idle.Count < IdleReaders) idle.Add(reader);
        else reader.Dispose();
        return result;
    }

    private static Task<T> RunAsync<T>(WriteQueue queue, Func<Statements, T> work) =>
        !Spans.AreSeen ? queue.RunAsync(work) : Spans.AroundAsync("write to database", span => queue.RunAsync(s =>
    {
        Spans.Begin(span);
        return work(s);
    }));

    private static Func<Statements, bool> Answering(Action<Statements> work) => s =>
    {
        work(s);
        return true;
    };
}
