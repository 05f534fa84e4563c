using System.Data.Common;
using InstallLifecycle.Storage;
using InstallLifecycle.Watching;
using Microsoft.EntityFrameworkCore;

namespace InstallLifecycle.Tests.Support;

/// <summary>The lifecycle's tables in a database of their own: one writer at a time, each write a transaction, events kept only with its commit.</summary>
internal sealed class TestStorage : IInstallStorage, IDisposable
{
    private readonly TestProvider provider;
    private readonly DbConnection writer;
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly List<InstallEvent> events = [];
    private int reads;

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

    /// <summary>Who is told of steps.</summary>
    public InstallNews? News { get; set; }

    /// <summary>How many transactions were committed.</summary>
    public int Writes { get; private set; }

    /// <summary>How often something was read.</summary>
    public int Reads => reads;

    /// <summary>What was recorded and committed, in its order.</summary>
    public IReadOnlyList<InstallEvent> Events
    {
        get
        {
            lock (events) return [.. events];
        }
    }

    public async Task<T> WriteAsync<T>(Func<IInstallStatements, IInstallEvents, T> work)
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
        Interlocked.Increment(ref reads);
        if (IsDown) throw new IOException("the database is down");
        using var connection = provider.Open();
        using var db = new InstallLifecycleDbContext(provider.Options(connection));
        return query(db);
    }

    public async Task<int> ChangeAsync(string sql, params object?[] values)
    {
        await turn.WaitAsync();
        try
        {
            if (IsDown) throw new IOException("the database is down");
            int changed = new TestStatements(writer).Execute(sql, values);
            Writes++;
            return changed;
        }
        finally
        {
            turn.Release();
        }
    }

    public T Find<T>(Func<IInstallStatements, T> query)
    {
        Interlocked.Increment(ref reads);
        if (IsDown) throw new IOException("the database is down");
        using var connection = provider.Open();
        return query(new TestStatements(connection));
    }

    public void Dispose()
    {
        writer.Dispose();
        provider.Dispose();
        turn.Dispose();
    }

    private T Run<T>(Func<IInstallStatements, IInstallEvents, T> work, bool isKept)
    {
        using var transaction = provider.Begin(writer);
        var recorded = new Recorded();
        var result = work(new TestStatements(writer), recorded);
        if (!isKept) return result;
        transaction.Commit();
        Writes++;
        lock (events) events.AddRange(recorded.Events);
        if (recorded.HasSteps) News?.Announce();
        return result;
    }

    private sealed class Recorded : IInstallEvents
    {
        public List<InstallEvent> Events { get; } = [];

        public bool HasSteps { get; private set; }

        public void Record(InstallEvent happened) => Events.Add(happened);

        public void TellWatchers() => HasSteps = true;
    }
}
