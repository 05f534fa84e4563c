using Quartz;

namespace TokenServer.Pruning;

/// <summary>Removes what has expired and turns the key ring, by Quartz.</summary>
internal static class PruningModule
{
    public static IServiceCollection AddPruning(this IServiceCollection services)
    {
        services.AddSingleton<Pruner>().AddSingleton<StampedAhead>();
        return services.AddQuartz(quartz => quartz.ScheduleJob<PruneJob>(trigger => trigger.WithIdentity("prune")
            .StartAt(TimeProvider.System.GetUtcNow().AddMinutes(1)).WithSimpleSchedule(every => every.WithInterval(TimeSpan.FromMinutes(5))
            .RepeatForever()), job => job.RequestRecovery()));
    }
}
