using System.Globalization;
using Npgsql;
using Quartz;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>A job runs once, whichever replica runs it (docs/decisions/0018).</summary>
public sealed class ScheduleTests
{
    private const string LogsRuns = "--Logging:LogLevel:Quartz=Debug";

    [PostgresFact]
    public async Task Each_job_is_scheduled_once_and_runs_once_each_time_it_is_due()
    {
        await using var replicas = await ReplicaSet.StartAsync(3, LogsRuns);
        var schedulers = await Task.WhenAll(replicas.All.Select(SchedulerAsync));
        foreach (var scheduler in schedulers)
        {
            (await scheduler.GetTriggerState(new TriggerKey("prune"))).Should().Be(TriggerState.Normal);
            (await scheduler.GetTriggerState(new TriggerKey("install expiry"))).Should().Be(TriggerState.Normal);
        }
        for (int i = 0; i < 6; i++) await schedulers[i % 3].TriggerJob(new JobKey("prune"));
        (await Eventually.TrueAsync(() => Task.FromResult(Runs(replicas) >= 6), Eventually.Never)).Should().BeTrue();
        (await Eventually.TrueAsync(() => Task.FromResult(Runs(replicas) > 6), TimeSpan.FromSeconds(1))).Should().BeFalse();
    }

    [FullPostgresFact]
    public async Task What_a_killed_replica_was_running_another_runs()
    {
        using var folder = new TemporaryFolder();
        await using var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        (string, string?) setting = ("ConnectionStrings:Default", database.ConnectionString + ";Maximum Pool Size=10");
        await using var first = await ServerProcess.StartAsync(folder.Path, setting);
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        (await UntilAsync(connection, "SELECT count(*) FROM pg_tables WHERE tablename='qrtz_scheduler_state'", "1")).Should().BeTrue();
        (await UntilAsync(connection, "SELECT count(*) FROM qrtz_scheduler_state", "1")).Should().BeTrue();
        string? firstsName = await AskAsync(connection, "SELECT instance_name FROM qrtz_scheduler_state");
        await using var second = await ServerProcess.StartAsync(folder.Path, setting);
        (await UntilAsync(connection, "SELECT count(*) FROM qrtz_scheduler_state", "2")).Should().BeTrue();

        // Something to prune, and a lock that the job has to wait for meanwhile.
        await AskAsync(connection, """INSERT INTO "RateMoments" ("Bucket", "CountsUntil") VALUES (1, '2026-01-01')""");
        await AskAsync(connection, "BEGIN; LOCK TABLE \"OpenIddictTokens\"");
        await AskAsync(database, $"UPDATE qrtz_triggers SET next_fire_time={TimeProvider.System.GetUtcNow().Ticks} WHERE trigger_name='prune'");
        (await UntilAsync(connection, "SELECT count(*) FROM qrtz_fired_triggers WHERE state='EXECUTING' AND job_name='prune'", "1")).Should().BeTrue();
        bool isFirsts = await AskAsync(connection, "SELECT instance_name FROM qrtz_fired_triggers WHERE job_name='prune'") == firstsName;
        await (isFirsts ? first : second).KillAsync();
        await AskAsync(connection, "COMMIT");

        (await UntilAsync(connection, """SELECT count(*) FROM "RateMoments" """, "0")).Should().BeTrue();
        (await UntilAsync(connection, "SELECT count(*) FROM qrtz_scheduler_state", "1")).Should().BeTrue();
        (await UntilAsync(connection, "SELECT trigger_state FROM qrtz_triggers WHERE trigger_name='prune'", "WAITING")).Should().BeTrue();
    }

    [PostgresFact]
    public async Task While_the_database_is_away_a_job_waits_and_then_runs()
    {
        await using var replicas = await ReplicaSet.StartAsync(2, LogsRuns);
        var scheduler = await SchedulerAsync(replicas[0]);
        await replicas.CutAsync();
        (await Eventually.TrueAsync(async () =>
        {
            try
            {
                await scheduler.TriggerJob(new JobKey("prune"));
                return true;
            }
            catch (SchedulerException)
            {
                return false;
            }
        }, Eventually.Never)).Should().BeTrue();
        (await Eventually.TrueAsync(() => Task.FromResult(Runs(replicas) == 1), Eventually.Never)).Should().BeTrue();
    }

    private static async Task<IScheduler> SchedulerAsync(TestServer server)
    {
        var scheduler = await server.Get<ISchedulerFactory>().GetScheduler();
        (await Eventually.TrueAsync(() => Task.FromResult(scheduler.Status == SchedulerStatus.Running), Eventually.Never)).Should().BeTrue();
        return scheduler;
    }

    private static int Runs(ReplicaSet replicas) => replicas.All.Sum(r => r.Log.Lines.Count(l => l.Contains("Calling Execute on job DEFAULT.prune", StringComparison.Ordinal)));

    private static Task<bool> UntilAsync(NpgsqlConnection connection, string sql, string answer) => Eventually.TrueAsync(async () => await AskAsync(connection, sql) == answer, Eventually.Never);

    private static async Task AskAsync(PostgresDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await AskAsync(connection, sql);
    }

    private static async Task<string?> AskAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
