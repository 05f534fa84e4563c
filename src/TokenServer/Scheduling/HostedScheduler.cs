using Microsoft.Extensions.Options;
using Quartz;
using TokenServer.Storage;

namespace TokenServer.Scheduling;

/// <summary>Quartz's hosted service, whose stop waits for running jobs, but for no longer than the host lets it.</summary>
internal sealed partial class HostedScheduler(
    IHostApplicationLifetime lifetime, IServiceProvider services, IOptionsMonitor<QuartzHostedServiceOptions> options,
    ILogger<HostedScheduler> logger)
    : QuartzHostedService(lifetime, services, options), IHostedService
{
    async Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StartAsync(cancellationToken);
        }
        catch (SchedulerException e)
        {
            throw new StorageUnavailableException($"The scheduler did not start: {e.Message}", e);
        }
    }

    async Task IHostedService.StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StopAsync(cancellationToken).WaitAsync(cancellationToken);
        }
        // What a stop that is cancelled throws ends the process as a crash.
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            Log.CutOff(logger, e.GetBaseException().Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Jobs that were running were not waited for any longer: {Problem}")]
        public static partial void CutOff(ILogger logger, string problem);
    }
}
