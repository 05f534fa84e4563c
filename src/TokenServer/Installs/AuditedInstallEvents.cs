using InstallLifecycle;
using TokenServer.Audit;
using TokenServer.Storage;

namespace TokenServer.Installs;

/// <summary>What happens in the lifecycle, as audit entries of the same transaction.</summary>
internal sealed class AuditedInstallEvents(Statements statements) : IInstallEvents
{
    private const string Schedule = "schedule";
    private readonly List<InstallEvent> recorded = [];
    private bool hasSteps;

    /// <summary>What was recorded so far; it has happened when the transaction is committed.</summary>
    public IReadOnlyList<InstallEvent> Recorded => recorded;

    /// <summary>Whether it took a step that somebody may be watching.</summary>
    public bool HasSteps => hasSteps;

    public void Record(InstallEvent happened)
    {
        recorded.Add(happened);
        AuditTrail.Append(statements, new AuditEvent(happened.Event, happened.Time)
        {
            Actor = happened.Caller is { } caller ? caller.Actor : Schedule,
            Target = happened.Target, ClientId = happened.Caller?.ClientId, Detail = happened.Detail,
            Address = string.IsNullOrEmpty(happened.Caller?.Address) ? null : happened.Caller.Address,
        });
    }

    public void TellWatchers()
    {
        if (hasSteps) return;
        hasSteps = true;
        Versions.BumpAtCommit(statements, StepsOfOthers.Name);
    }
}
