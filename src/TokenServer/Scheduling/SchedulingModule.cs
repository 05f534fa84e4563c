using Quartz;
using TokenServer.Storage.Providers;

namespace TokenServer.Scheduling;

/// <summary>One scheduler for all jobs; on a shared database one of all replicas together (docs/decisions/0018).</summary>
internal static class SchedulingModule
{
    public static IServiceCollection AddScheduling(this IServiceCollection services, IConfiguration configuration) => services
        .AddQuartz(quartz => DatabaseProvider.Keep(quartz, configuration))
        // Started within the host's start, its failure is the start's; afterwards nobody would hear of it.
        .AddQuartzHostedService<HostedScheduler>(
            options => (options.WaitForJobsToComplete, options.AwaitApplicationStarted) = (true, false));
}
