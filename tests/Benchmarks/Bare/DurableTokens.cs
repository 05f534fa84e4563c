using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Benchmarks.Bare;

/// <summary>Refresh tokens and revocations in SQLite (WAL, synchronous=FULL) behind one writer that puts all that waits into one transaction.</summary>
internal sealed class DurableTokens : IDisposable
{
    /// <summary>Tokens there are from the start, numbered from 1.</summary>
    public const int Seeds = 1024;
    private const int Together = 256;
    private readonly BlockingCollection<Change> queue = [];
    private readonly SqliteConnection connection;
    private readonly SqliteCommand begin, commit, redeem, insert, revoke;
    private readonly Thread writer;
    private long last = Seeds;

    public DurableTokens(string path)
    {
        connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Command($"""
            PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
            CREATE TABLE token(id INTEGER PRIMARY KEY, status TEXT NOT NULL, hash TEXT NOT NULL);
            CREATE TABLE revocation(id INTEGER PRIMARY KEY, expires INTEGER NOT NULL);
            WITH RECURSIVE seed(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM seed WHERE id < {Seeds}) INSERT INTO token SELECT id, 'valid', '' FROM seed
            """).ExecuteNonQuery();
        (begin, commit) = (Command("BEGIN IMMEDIATE"), Command("COMMIT"));
        redeem = Command("UPDATE token SET status='redeemed' WHERE id=@id AND status='valid'", "@id");
        insert = Command($"INSERT INTO token VALUES(@id, 'valid', '{new string('h', 43)}')", "@id");
        revoke = Command("INSERT INTO revocation(expires) VALUES(@expires)", "@expires");
        writer = new Thread(Write) { IsBackground = true };
        writer.Start();
    }

    /// <summary>The token of row <paramref name="id"/>, as long as the real server's.</summary>
    public static string Text(long id) => $"rt_{id:D43}";

    /// <summary>Exchanges a token for its successor; null where it was not valid.</summary>
    public async Task<string?> RotateAsync(string token)
    {
        var change = new Change(long.Parse(token.AsSpan(3)), Interlocked.Increment(ref last));
        queue.Add(change);
        return await change.Done.Task ? Text(change.Successor) : null;
    }

    public Task RevokeAsync()
    {
        var change = new Change(0, 0);
        queue.Add(change);
        return change.Done.Task;
    }

    public void Dispose()
    {
        queue.CompleteAdding();
        writer.Join();
        queue.Dispose();
        connection.Dispose();
    }

    private SqliteCommand Command(string sql, string? parameter = null)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        if (parameter is not null) command.Parameters.Add(parameter, SqliteType.Integer);
        return command;
    }

    private void Write()
    {
        var batch = new List<Change>(Together);
        foreach (var first in queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < Together && queue.TryTake(out var next)) batch.Add(next);
            begin.ExecuteNonQuery();
            foreach (var change in batch) change.Succeeded = change.Redeemed == 0 ? Run(revoke, 1795179492) : Run(redeem, change.Redeemed) && Run(insert, change.Successor);
            commit.ExecuteNonQuery();
            foreach (var change in batch) change.Done.SetResult(change.Succeeded);
            batch.Clear();
        }
    }

    private static bool Run(SqliteCommand command, long value)
    {
        command.Parameters[0].Value = value;
        return command.ExecuteNonQuery() == 1;
    }

    // A revocation redeems nothing.
    private sealed record Change(long Redeemed, long Successor)
    {
        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public bool Succeeded { get; set; }
    }
}
