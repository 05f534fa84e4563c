using Npgsql;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>Replicas and their database are started in whatever order, and at the same moment.</summary>
[Collection(ReplicaCollection.Name)]
public sealed class StartTests(SharedReplicas shared)
{
    // The three began at the same moment on a database with nothing in it.
    [PostgresFact]
    public async Task Three_that_start_at_once_on_an_empty_database_make_one_of_each()
    {
        await using var source = NpgsqlDataSource.Create(shared.ConnectionOverTcp + ";Pooling=false");
        (await CountAsync(source, """SELECT count(*) - count(DISTINCT "MigrationId") FROM "__EFMigrationsHistory" """)).Should().Be(0);
        (await CountAsync(source, """SELECT count(*) FROM "DataProtectionKeys" """)).Should().Be(1);
        (await CountAsync(source, """SELECT count(*) FROM "OpenIddictApplications" a WHERE (SELECT count(*) FROM "OpenIddictApplications" b WHERE b."ClientId" = a."ClientId") > 1""")).Should().Be(0);
        (await CountAsync(source, """SELECT max(n) FROM (SELECT count(*) AS n FROM "SigningKeys" WHERE "ActivatedAt" IS NOT NULL AND "RetiredAt" IS NULL GROUP BY "Algorithm") k""")).Should().Be(1);
        string[] sets = await Task.WhenAll(shared.Set.Connect().Select(r => r.GetStringAsync("/.well-known/jwks")));
        sets.Distinct().Should().ContainSingle();
    }

    [PostgresFact]
    public async Task A_server_started_before_its_database_waits_and_then_serves()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await postgres.StopAsync();
        var starting = shared.Set.JoinAsync(("ConnectionStrings:Default", database.ConnectionString), ("TokenServer:ImportFile", null));
        bool waits;
        // It would be there by now, or have given up, if it did not wait.
        await using (await shared.Set.JoinAsync()) waits = !starting.IsCompleted;
        await postgres.StartAgainAsync();
        waits.Should().BeTrue();
        await using var server = await starting;
        (await server.Http.CallAsync("GET", "/api/v2/healthz")).Should200();
        (await server.Http.CallAsync("GET", "/health/ready")).Should200();
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync());
    }
}
