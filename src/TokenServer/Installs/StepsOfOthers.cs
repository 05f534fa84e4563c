using InstallLifecycle.Watching;
using TokenServer.Storage;

namespace TokenServer.Installs;

/// <summary>Steps that other processes took: their number has changed, and whoever watches here is told (contract section 5b).</summary>
internal sealed class StepsOfOthers(InstallNews news) : IKeptInMemory
{
    public const string Name = "install_steps";

    public string VersionName => Name;

    public void Reload() => news.Announce();
}
