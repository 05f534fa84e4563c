namespace TokenServer.Storage;

/// <summary>The one writer: puts all operations that wait into one transaction, and answers each only after the commit is on disk (docs/decisions/0004).</summary>
internal sealed class WriteQueue : IDisposable
{
    private const int Waiting = 16_384, Together = 256;
    private readonly Queue<Operation> queue = new();
    private readonly Statements statements;
    private readonly Thread writer;
    private bool closed;

    public WriteQueue(Statements statements)
    {
        this.statements = statements;
        writer = new Thread(Write) { IsBackground = true, Name = "write queue" };
        writer.Start();
    }

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction. What it throws undoes this operation alone and reaches this caller alone. It may be run
    /// twice, the first time undone, so it changes nothing but the database.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The queue is full, or the commit failed: nothing was changed.</exception>
    public Task<T> RunAsync<T>(Func<Statements, T> work)
    {
        var operation = new Operation<T>(work);
        lock (queue)
        {
            if (closed || queue.Count == Waiting) throw new StorageUnavailableException("too many writes are waiting");
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
            Monitor.Pulse(queue);
        }
        writer.Join();
        statements.Dispose();
    }

    private void Write()
    {
        var batch = new List<Operation>(Together);
        while (Take(batch))
        {
            Commit(batch);
            batch.Clear();
        }
    }

    // A plain monitor: the framework's blocking collections spin before they wait, which on two cores takes time from the requests.
    private bool Take(List<Operation> batch)
    {
        lock (queue)
            while (queue.Count == 0 && !closed) Monitor.Wait(queue);
        // Whoever is ready to run may be about to write too; one commit then serves more of them.
        Thread.Yield();
        lock (queue)
        {
            while (batch.Count < Together && queue.TryDequeue(out var next)) batch.Add(next);
        }
        return batch.Count > 0;
    }

    private void Commit(List<Operation> batch)
    {
        try
        {
            if (!TryTogether(batch)) EachForItself(batch);
        }
        catch (Exception e)
        {
            TryRollBack();
            foreach (var operation in batch) operation.Fail(new StorageUnavailableException("the database did not take a write", e));
            return;
        }
        foreach (var operation in batch) operation.Finish();
    }

    private bool TryTogether(List<Operation> batch)
    {
        statements.Execute("BEGIN IMMEDIATE");
        foreach (var operation in batch)
        {
            if (operation.Run(statements)) continue;
            TryRollBack();
            return false;
        }
        statements.Execute("COMMIT");
        return true;
    }

    // Savepoints cost as much as the operations, so they are set only when one of a batch has failed and all have to be run again.
    private void EachForItself(List<Operation> batch)
    {
        statements.Execute("BEGIN IMMEDIATE");
        foreach (var operation in batch)
        {
            statements.Execute("SAVEPOINT operation");
            if (!operation.Run(statements)) statements.Execute("ROLLBACK TO operation");
            statements.Execute("RELEASE operation");
        }
        statements.Execute("COMMIT");
    }

    private void TryRollBack()
    {
        try
        {
            statements.Execute("ROLLBACK");
        }
        catch (System.Data.Common.DbException)
        {
            // SQLite has already rolled back: there is no transaction left to end.
        }
    }

    private abstract class Operation
    {
        public abstract bool Run(Statements statements);
        public abstract void Finish();
        public abstract void Fail(Exception cause);
    }

    private sealed class Operation<T>(Func<Statements, T> work) : Operation
    {
        private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T result = default!;
        private Exception? failure;

        public Task<T> Answer => answer.Task;

        public override bool Run(Statements statements)
        {
            try
            {
                failure = null;
                result = work(statements);
                return true;
            }
            catch (Exception e)
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
    }
}
