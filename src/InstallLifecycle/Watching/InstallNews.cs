namespace InstallLifecycle.Watching;

/// <summary>Word that steps were taken, for the streams of this process. The host says so after a commit of which
/// <see cref="IInstallEvents.TellWatchers"/> was called, its own or another process's; it costs nothing while nobody watches.</summary>
public sealed class InstallNews
{
    internal event Action? Came;

    /// <summary>There may be new steps.</summary>
    public void Announce() => Came?.Invoke();
}
