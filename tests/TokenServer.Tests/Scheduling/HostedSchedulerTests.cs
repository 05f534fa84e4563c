using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Quartz;
using TokenServer.Scheduling;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Scheduling;

/// <summary>What a stop does while a job runs.</summary>
public sealed class HostedSchedulerTests
{
    private static readonly TimeSpan Patience = Eventually.Never;

    [Fact]
    public async Task It_waits_for_the_job()
    {
        using var host = await StartAsync();
        var stop = Scheduler(host).StopAsync(CancellationToken.None);
        stop.IsCompleted.Should().BeFalse();
        Gate(host).End.SetResult();
        await stop.WaitAsync(Patience);
    }

    [Fact]
    public async Task One_that_is_cancelled_ends_without_the_job()
    {
        using var host = await StartAsync();
        using var source = new CancellationTokenSource();
        var stop = Scheduler(host).StopAsync(source.Token);
        stop.IsCompleted.Should().BeFalse();
        await source.CancelAsync();
        await stop.WaitAsync(Patience);
        Gate(host).End.SetResult();
    }

    [Fact]
    public async Task One_that_was_cancelled_before_ends_at_once()
    {
        using var host = await StartAsync();
        await Scheduler(host).StopAsync(new CancellationToken(canceled: true)).WaitAsync(Patience);
        Gate(host).End.SetResult();
    }

    private static async Task<IHost> StartAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<Gate>().AddScheduling(builder.Configuration).AddQuartz(quartz => quartz.ScheduleJob<WaitingJob>(trigger => trigger.StartNow()));
        var host = builder.Build();
        await host.StartAsync();
        await Gate(host).Begin.Task.WaitAsync(Patience);
        return host;
    }

    private static IHostedService Scheduler(IHost host) => host.Services.GetServices<IHostedService>().Single(s => s is HostedScheduler);

    private static Gate Gate(IHost host) => host.Services.GetRequiredService<Gate>();
}

/// <summary>When a <see cref="WaitingJob"/> begins, and when it may end.</summary>
internal sealed class Gate
{
    public TaskCompletionSource Begin { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A job that ends when it is told to, whatever it is cancelled with.</summary>
internal sealed class WaitingJob(Gate gate) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        gate.Begin.TrySetResult();
        await gate.End.Task;
    }
}
