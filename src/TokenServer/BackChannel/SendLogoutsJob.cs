using Quartz;

namespace TokenServer.BackChannel;

/// <summary>Every minute: send the logout tokens that are due, those too that a replica has left.</summary>
[DisallowConcurrentExecution]
internal sealed class SendLogoutsJob(LogoutSender sender) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await sender.RunAsync(cancellationToken);
}
