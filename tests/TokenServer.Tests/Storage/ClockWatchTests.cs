using Microsoft.Extensions.Logging;
using TokenServer.Storage;
using TokenServer.Storage.Providers;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Storage;

/// <summary>A replica whose clock is not the database's says so.</summary>
public sealed class ClockWatchTests
{
    [PostgresFact]
    public async Task A_clock_that_differs_by_more_than_a_second_is_told_once_and_measured()
    {
        await using var empty = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        using var provider = new PostgreSqlProvider(empty.ConnectionString);
        using var database = new Database(provider, [], NoMeters.Instruments());
        using var log = new CapturedLog();
        using var loggers = new LoggerFactory([log]);
        var clock = new Shifted();
        using var watch = new ClockWatch(database, provider, clock, loggers.CreateLogger<ClockWatch>());
        watch.Look(provider.ReadClock);
        watch.Ahead.Should().Be(TimeSpan.Zero);
        log.Lines.Should().BeEmpty();
        clock.By = TimeSpan.FromMinutes(-3);
        watch.Look(provider.ReadClock);
        watch.Look(provider.ReadClock);
        watch.Ahead.Should().BeCloseTo(clock.By, TimeSpan.FromSeconds(1));
        log.Lines.Should().ContainSingle().Which.Should().StartWith("Error").And.Contain("-180.0 s");
        clock.By = TimeSpan.Zero;
        watch.Look(provider.ReadClock);
        log.Lines.Should().HaveCount(2);
    }

    private sealed class Shifted : TimeProvider
    {
        public TimeSpan By { get; set; }
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + By;
    }
}
