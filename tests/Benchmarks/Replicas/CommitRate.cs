using System.Diagnostics;
using Npgsql;

namespace Benchmarks.Replicas;

/// <summary>What PostgreSQL commits at best: one small row a transaction, prepared, with nothing around it.</summary>
internal static class CommitRate
{
    /// <summary>Commits a second on so many connections.</summary>
    public static double Measure(string database, int connections, TimeSpan length)
    {
        using (var first = Open(database))
        using (var create = new NpgsqlCommand("""CREATE TABLE IF NOT EXISTS "BareCommits" ("Id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Payload" text)""", first)) create.ExecuteNonQuery();
        long done = 0;
        var clock = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, connections).Select(_ => new Thread(() => Interlocked.Add(ref done, Commit(database, length)))).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return done / clock.Elapsed.TotalSeconds;
    }

    private static long Commit(string database, TimeSpan length)
    {
        using var connection = Open(database);
        using var insert = new NpgsqlCommand("""INSERT INTO "BareCommits" ("Payload") VALUES ('jZae727K08KaOmKSgOaGzww_XVqGr_PKEgIMkjrcbJI')""", connection);
        insert.Prepare();
        var clock = Stopwatch.StartNew();
        long done = 0;
        for (; clock.Elapsed < length; done++) insert.ExecuteNonQuery();
        return done;
    }

    private static NpgsqlConnection Open(string database)
    {
        var connection = new NpgsqlConnection(database + ";Pooling=false");
        connection.Open();
        return connection;
    }
}
