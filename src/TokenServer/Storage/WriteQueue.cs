using System.Diagnostics.CodeAnalysis;
using TokenServer.Storage.Providers;
using TokenServer.Telemetry;

namespace TokenServer.Storage;

/// <summary>Writers that put the operations that wait into one transaction,
/// and answer each only after the commit is on disk (docs/decisions/0004).</summary>
internal sealed class WriteQueue : IDisposable
{
    private const int Waiting = 16_384;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly Queue<Operation> queue = new();
    private readonly DatabaseProvider provider;
    private readonly string begin;
    private readonly Instruments instruments;
    private readonly int together;
    private readonly TimeProvider clock;
    private readonly Thread[] writers;
    private bool closed;

    /// <param name="provider">Opens a connection for each writer, and another when one is lost.</param>
    /// <param name="begin">Begins a transaction.</param>
    /// <param name="instruments">Count the commits.</param>
    /// <param name="together">How many operations go into one.</param>
    /// <param name="writers">How many writers there are.</param>
    /// <param name="clock">Measures how long an operation waits; the system's where null.</param>
    public WriteQueue(DatabaseProvider provider, string begin, Instruments instruments, int together,
        int writers = 1, TimeProvider? clock = null)
    {
        (this.provider, this.begin, this.instruments, this.together, this.clock) =
            (provider, begin, instruments, together, clock ?? TimeProvider.System);
        this.writers = [.. Enumerable.Range(0, writers).Select(_ => new Thread(Write) { IsBackground = true, Name = "write queue" })];
        foreach (var writer in this.writers) writer.Start();
    }

    /// <summary>How many operations wait.</summary>
    public int Length
    {
        get
        {
            lock (queue) return queue.Count;
        }
    }

    /// <summary>Runs <paramref name="work"/> in a transaction. What it throws undoes this operation alone and reaches this caller alone. It
    /// may be run twice, the first time undone, so it changes nothing but the database.</summary>
    /// <exception cref="StorageUnavailableException">The queue is full, it waited for ten seconds, or the database did not take it:
    /// nothing was changed, unless the connection was lost in the moment of the commit.</exception>
    public Task<T> RunAsync<T>(Func<Statements, T> work)
    {
        var operation = new Operation<T>(work) { Since = clock.GetTimestamp() };
        lock (queue)
        {
            if (closed || queue.Count == Waiting)
            {
                instruments.DatabaseUnavailable("queue");
                throw new StorageUnavailableException("too many writes are waiting");
            }
            queue.Enqueue(operation);
            Monitor.Pulse(queue);
        }
        return operation.Answer;
    }

    /// <summary>Finishes what waits, then closes.</summary>
    public void Dispose()
    {
        lock (queue)
        {
            closed = true;
            Monitor.PulseAll(queue);
        }
        foreach (var writer in writers) writer.Join();
    }

    private void Write()
    {
        Statements? statements = null;
        var batch = new List<Operation>(together);
        while (Take(batch))
        {
            Commit(batch, ref statements);
            batch.Clear();
        }
        statements?.Dispose();
    }

    // A plain monitor: the framework's blocking collections spin before they wait, which on two cores takes time from the requests.
    private bool Take(List<Operation> batch)
    {
        lock (queue)
            while (queue.Count == 0 && !closed) Monitor.Wait(queue);
        // Whoever is ready to run may be about to write too; one commit then serves more of them.
        if (together > 1) Thread.Yield();
        lock (queue)
        {
            while (batch.Count < together && queue.TryDequeue(out var next))
            {
                if (clock.GetElapsedTime(next.Since) < Patience) batch.Add(next);
                else Refuse(next);
            }
            return batch.Count > 0 || !closed;
        }
    }

    // Behind a database that hung. Whoever asked has given up, or has asked again; and what was decided before it waited is out of date.
    private void Refuse(Operation late)
    {
        instruments.DatabaseUnavailable("queue");
        late.Fail(new StorageUnavailableException("the database did not come to a write in time"));
    }

    private void Commit(List<Operation> batch, ref Statements? statements)
    {
        if (batch.Count == 0) return;
        long started = instruments.StartCommit();
        try
        {
            Begin(ref statements);
            if (!TryTogether(batch, statements)) EachForItself(batch, statements);
        }
        catch (Exception e)
        {
            statements?.RollBack();
            instruments.DatabaseUnavailable("write", batch.Count);
            var cause = new StorageUnavailableException("the database did not take a write", e);
            foreach (var operation in batch) operation.Fail(cause);
            return;
        }
        instruments.Committed(batch.Count, started);
        foreach (var operation in batch) operation.Finish();
    }

    // A connection that has lain idle may have been closed at the other end, which shows only when it is used.
    private void Begin([NotNull] ref Statements? statements)
    {
        if (statements is { IsOpen: true } open)
        {
            try
            {
                open.Execute(begin);
                return;
            }
            catch (DbException) when (!open.IsOpen)
            {
                // There is another one below.
            }
        }
        statements?.Dispose();
        statements = null;
        statements = new Statements(provider);
        statements.Execute(begin);
    }

    private bool TryTogether(List<Operation> batch, Statements statements)
    {
        foreach (var operation in batch)
        {
            if (operation.Run(statements, provider)) continue;
            statements.RollBack();
            return false;
        }
        statements.Commit();
        return true;
    }

    // Savepoints cost as much as the operations, so they are set only when one of a batch has failed and all have to be run again.
    private void EachForItself(List<Operation> batch, Statements statements)
    {
        statements.Execute(begin);
        foreach (var operation in batch)
        {
            statements.Execute("SAVEPOINT operation");
            if (!operation.Run(statements, provider)) statements.Execute("ROLLBACK TO operation");
            statements.Execute("RELEASE operation");
        }
        statements.Commit();
    }

    private abstract class Operation
    {
        /// <summary>Since when it waits, as <see cref="TimeProvider.GetTimestamp"/> tells it.</summary>
        public required long Since { get; init; }

        /// <summary>False where the operation has failed; throws where the database has.</summary>
        public abstract bool Run(Statements statements, DatabaseProvider provider);
        public abstract void Finish();
        public abstract void Fail(Exception cause);
    }

    private sealed class Operation<T>(Func<Statements, T> work) : Operation
    {
        private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T result = default!;
        private Exception? failure;

        public Task<T> Answer => answer.Task;

        public override bool Run(Statements statements, DatabaseProvider provider)
        {
            try
            {
                failure = null;
                result = work(statements);
                return true;
            }
            catch (Exception e) when (!IsDatabases(e, provider))
            {
                failure = e;
                return false;
            }
        }

        public override void Finish()
        {
            if (failure is null) answer.SetResult(result);
            else answer.SetException(failure);
        }

        public override void Fail(Exception cause) => answer.SetException(failure ?? cause);

        private static bool IsDatabases(Exception e, DatabaseProvider provider) =>
            DatabaseFailure.Of(e) is { } said && provider.IsAway(said);
    }
}
