using Quartz;

namespace InstallLifecycle.Expiry;

/// <summary>Every minute: expire, delete, turn the keys.</summary>
[DisallowConcurrentExecution]
internal sealed class ExpiryJob(InstallExpiry expiry) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await expiry.RunAsync(cancellationToken);
}
