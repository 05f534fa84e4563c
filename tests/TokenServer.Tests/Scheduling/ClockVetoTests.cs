using System.Globalization;
using Quartz;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Scheduling;

/// <summary>A job of a machine whose clock is wrong would end what others have just begun.</summary>
public sealed class ClockVetoTests
{
    private static readonly TimeSpan Patience = Eventually.Never;

    [Theory]
    [InlineData(-61)]
    [InlineData(61)]
    [InlineData(7200)]
    public async Task A_machine_whose_clock_is_not_the_databases_runs_no_job(int secondsAhead)
    {
        await using var server = await TestServer.StartAsync(["--Logging:LogLevel:Quartz=Debug"], schedules: true);
        var scheduler = await server.Get<ISchedulerFactory>().GetScheduler();
        Compare(server, secondsAhead);
        await scheduler.TriggerJob(new JobKey("prune"));
        (await SaidAsync(server, "prune was not run")).Should().BeTrue();
        server.Log.Lines.Should().NotContain(line => line.Contains("Calling Execute on job DEFAULT.prune", StringComparison.Ordinal));
        Compare(server, 59);
        await scheduler.TriggerJob(new JobKey("prune"));
        (await SaidAsync(server, "Calling Execute on job DEFAULT.prune")).Should().BeTrue();
    }

    private static Task<bool> SaidAsync(TestServer server, string text) =>
        Eventually.TrueAsync(() => Task.FromResult(server.Log.Lines.Any(line => line.Contains(text, StringComparison.Ordinal))), Patience);

    private static void Compare(TestServer server, int secondsAhead)
    {
        string there = server.Clock.GetUtcNow().AddSeconds(-secondsAhead).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        server.Get<ClockWatch>().Look(TestDatabases.ArePostgres ? $"SELECT TIMESTAMP '{there}'" : $"SELECT '{there}'");
    }
}
