using Quartz;
using TokenServer.Storage;

namespace TokenServer.Scheduling;

/// <summary>While this machine's clock is more than a minute from the database's, it runs no job: what a job takes for expired, or for
/// stamped ahead, the other replicas may have made a moment ago. Jobs are theirs meanwhile.</summary>
internal sealed partial class ClockVeto(ClockWatch clocks, ILogger<ClockVeto> logger) : ITriggerListener
{
    public string Name => nameof(ClockVeto);

    public ValueTask<bool> VetoJobExecution(ITrigger trigger, IJobExecutionContext context, CancellationToken cancellationToken)
    {
        bool isOff = clocks.Ahead is { } ahead && ahead.Duration() > StoredTime.Skew;
        if (isOff) Log.Vetoed(logger, context.JobDetail.Key.Name);
        return new(isOff);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Job} was not run: this machine's clock is not the database's")]
        public static partial void Vetoed(ILogger logger, string job);
    }
}
