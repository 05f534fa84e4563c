using Quartz;
using TokenServer.Storage.Providers;

namespace TokenServer.Scheduling;

/// <summary>One scheduler for all jobs; on a shared database one of all replicas together (docs/decisions/0018).</summary>
internal static class SchedulingModule
{
    public static IServiceCollection AddScheduling(this IServiceCollection services, IConfiguration configuration) =>
        services.AddQuartz(quartz => DatabaseProvider.Keep(quartz, configuration)).AddHostedService<SchedulerService>();
}
