using Quartz;

namespace TokenServer.Scheduling;

/// <summary>Starts the scheduler beside the server. Quartz's own hosted service fails the server's start while the database is away; this one tries again.</summary>
internal sealed partial class SchedulerService(ISchedulerFactory schedulers, ILogger<SchedulerService> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private IScheduler? started;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // A job that waits for a database that is away is not waited for beyond what the host allows.
        if (started is not null) await started.Shutdown(waitForJobsToComplete: true, cancellationToken).AsTask().WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (started is null && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                var scheduler = await schedulers.GetScheduler(stoppingToken);
                await scheduler.Start(stoppingToken);
                started = scheduler;
            }
            // It may meet parts of a program that has ended already.
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.Failed(logger, e);
                await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The scheduler did not start; trying again every five seconds")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
