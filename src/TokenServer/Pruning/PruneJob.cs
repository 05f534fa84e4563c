using Quartz;

namespace TokenServer.Pruning;

/// <summary>Every five minutes: prune.</summary>
[DisallowConcurrentExecution]
internal sealed class PruneJob(Pruner pruner, StampedAhead ahead) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        await ahead.CountAsNowAsync();
        await pruner.RunAsync(cancellationToken);
    }
}
