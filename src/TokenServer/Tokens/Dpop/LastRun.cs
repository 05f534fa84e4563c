namespace TokenServer.Tokens.Dpop;

/// <summary>A file that is there from a process's start to its orderly end, and says in which run of the machine that was: by it the next
/// process knows whether the machine stopped while the last one ran, and with it what no disk had taken yet.</summary>
/// <param name="path">The file.</param>
/// <param name="machine">The run of the machine; empty where that is not known: then every end counts that was not orderly.</param>
internal sealed class LastRun(string path, string machine)
{
    private const string BootId = "/proc/sys/kernel/random/boot_id";

    /// <summary>The machine's run now; empty where nothing tells it.</summary>
    public static string MachineNow => OperatingSystem.IsLinux() && File.Exists(BootId) ? File.ReadAllText(BootId).Trim() : "";

    /// <summary>Begins a run; whether the machine stopped in the last one.</summary>
    /// <exception cref="IOException">That cannot be noted.</exception>
    public bool Begin()
    {
        bool wasCut = File.Exists(path) && (machine.Length == 0 || File.ReadAllText(path) != machine);
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(machine), 0);
        RandomAccess.FlushToDisk(file);
        return wasCut;
    }

    /// <summary>All that was used is on disk.</summary>
    /// <exception cref="IOException">That cannot be noted.</exception>
    public void End() => File.Delete(path);
}
