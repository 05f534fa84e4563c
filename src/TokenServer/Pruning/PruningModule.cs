using Quartz;

namespace TokenServer.Pruning;

/// <summary>Removes what has expired and turns the key ring, by Quartz.</summary>
internal static class PruningModule
{
    public static IServiceCollection AddPruning(this IServiceCollection services)
    {
        services.AddSingleton<Pruner>();
        services.AddQuartz(quartz => quartz.ScheduleJob<PruneJob>(trigger => trigger
            .StartAt(TimeProvider.System.GetUtcNow().AddMinutes(1)).WithSimpleSchedule(every => every.WithInterval(TimeSpan.FromMinutes(5)).RepeatForever())));
        return services.AddQuartzHostedService(options => (options.AwaitApplicationStarted, options.WaitForJobsToComplete) = (true, true));
    }
}
