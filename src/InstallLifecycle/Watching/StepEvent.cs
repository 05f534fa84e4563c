using System.Text.Json.Serialization;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Watching;

/// <summary>A step as it is told (contract section 5b); what does not belong to it is left out.</summary>
internal sealed record StepEvent(long Id, string Event, DateTimeOffset Time, string InstallCodeHint)
{
    /// <summary>The last four characters of the machine's id.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Machine { get; init; }

    /// <summary>The last four characters of its SSH host key's fingerprint.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SshKey { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Hostname { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>Of a confirmed install, for its receipt.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ActivationId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? InstallCodeRestored { get; init; }

    public static StepEvent Of(StepRow step) => new(step.Id, step.Name, step.Time, step.Hint)
    {
        Machine = step.Machine, SshKey = step.Key, Hostname = step.Hostname, Reason = step.Reason, ActivationId = step.ActivationId,
        InstallCodeRestored = step.IsRestored,
    };
}

/// <summary>A poll's answer: the steps after <c>since</c>, and what to ask with the next time.</summary>
internal sealed record StepEvents(IReadOnlyList<StepEvent> Events, long Since);
