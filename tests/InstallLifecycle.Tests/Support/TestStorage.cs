using System.Data.Common;
using InstallLifecycle.Storage;
using Microsoft.EntityFrameworkCore;

namespace InstallLifecycle.Tests.Support;

/// <summary>The lifecycle's tables in a database of their own: one writer at a time, each write a transaction, events kept only with its commit.</summary>
internal sealed class TestStorage : IInstallStorage, IDisposable
{
    private readonly TestProvider provider;
    private readonly DbConnection writer;
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly List<InstallEvent> events = [];

    public TestStorage(string path)
    {
        provider = TestProvider.Of(path);
        writer = provider.Open();
        // What a power cut would lose is lost with the test anyway.
        provider.Quicken(writer);
    }

    /// <summary>Undo each work once before it is done, as a host may that met a conflict.</summary>
    public bool UndoesFirst { get; set; }

    /// <summary>Let reads and writes fail.</summary>
    public bool IsDown { get; set; }

    /// <summary>How many transactions were committed.</summary>
    public int Writes { get; private set; }

    /// <summary>What was recorded and committed, in its order.</summary>
    public IReadOnlyList<InstallEvent> Events
    {
        get
        {
            lock (events) return [.. events];
        }
    }

    public async Task<T> WriteAsync<T>(Func<InstallLifecycleDbContext, IInstallEvents, T> work)
    {
        await turn.WaitAsync();
        try
        {
            if (IsDown) throw new IOException("the database is down");
            if (UndoesFirst) Run(work, isKept: false);
            return Run(work, isKept: true);
        }
        finally
        {
            turn.Release();
        }
    }

    public T Read<T>(Func<InstallLifecycleDbContext, T> query)
    {
        if (IsDown) throw new IOException("the database is down");
        using var connection = provider.Open();
        using var db = new InstallLifecycleDbContext(provider.Options(connection));
        return query(db);
    }

    public void Dispose()
    {
        writer.Dispose();
        provider.Dispose();
        turn.Dispose();
    }

    private T Run<T>(Func<InstallLifecycleDbContext, IInstallEvents, T> work, bool isKept)
    {
        using var transaction = provider.Begin(writer);
        using var db = new InstallLifecycleDbContext(provider.Options(writer));
        db.Database.UseTransaction(transaction);
        var recorded = new Recorded();
        var result = work(db, recorded);
        if (!isKept) return result;
        transaction.Commit();
        Writes++;
        lock (events) events.AddRange(recorded.Events);
        return result;
    }

    private sealed class Recorded : IInstallEvents
    {
        public List<InstallEvent> Events { get; } = [];

        public void Record(InstallEvent happened) => Events.Add(happened);
    }
}
