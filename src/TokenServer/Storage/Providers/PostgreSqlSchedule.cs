using Quartz;

namespace TokenServer.Storage.Providers;

/// <summary>The schedule in PostgreSQL, in tables of Quartz's own making: the replicas are a cluster in which one runs a job,
/// and another goes on when it dies.</summary>
internal static class PostgreSqlSchedule
{
    private const int Connections = 2;
    private static readonly TimeSpan CheckinInterval = TimeSpan.FromSeconds(10), Missed = TimeSpan.FromSeconds(20);

    public static void Use(IPersistentStoreBuilder store)
    {
        store.Services.AddSingleton(p => ((PostgreSqlProvider)p.GetRequiredService<DatabaseProvider>()).Pool(Connections));
        store.UsePostgres(source => source.UseRegisteredDataSource = true);
        store.UseClustering(cluster => (cluster.CheckinInterval, cluster.CheckinMisfireThreshold) = (CheckinInterval, Missed));
        store.ConfigureStore(options => options.StoreJobDataAsStrings = true);
        store.ProvisionSchema();
        // The name that Quartz makes up, of host and time, two replicas may share.
        store.Services.Configure<QuartzSchedulerOptions>(options => (options.InstanceName, options.InstanceId) =
            (nameof(TokenServer), RandomNumberGenerator.GetHexString(16, lowercase: true)));
    }
}
