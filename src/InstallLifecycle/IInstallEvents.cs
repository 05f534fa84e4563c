namespace InstallLifecycle;

/// <summary>Port: records every transition and every refusal, in the transaction of what it tells of.</summary>
public interface IInstallEvents
{
    /// <summary>Records <paramref name="happened"/>; it is kept if and only if the transaction is committed.</summary>
    void Record(InstallEvent happened);

    /// <summary>Says that the transaction takes a step that a browser may be watching: when it is committed, the host calls
    /// <see cref="Watching.InstallNews.Announce"/> in every process that has the lifecycle's routes, within a second.</summary>
    void TellWatchers();
}

/// <summary>What happened. No code, no token and nothing a stranger typed is ever part of it, but the reason of a release, which is one
/// line of printable characters.</summary>
/// <param name="Event">For example <c>install_code.issued</c>, <c>activation.confirmed</c>, <c>install.refused</c>.</param>
/// <param name="Time">When, UTC.</param>
/// <param name="Target">To which code (its row's number), activation or server.</param>
/// <param name="Caller">Who asked; null for the schedule.</param>
/// <param name="Detail">For a refusal: which step, and the error's code.</param>
public sealed record InstallEvent(string Event, DateTime Time, string? Target, Caller? Caller, string? Detail = null)
{
    /// <summary>What stands before the reason in the detail of a release that says one.</summary>
    public const string ReasonMark = "reason: ";
}
