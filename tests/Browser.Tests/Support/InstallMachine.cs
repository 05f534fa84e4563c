using System.Diagnostics;
using System.Security.Cryptography;
using InstallLifecycle.Codes.Page;

namespace Browser.Tests.Support;

/// <summary>A machine on which the real installer runs: a root folder, an id and an SSH host key of its own.</summary>
internal sealed class InstallMachine : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("slowdns-machine-").FullName;

    public InstallMachine()
    {
        foreach (string name in new[] { "root", "tmp" }) Directory.CreateDirectory(Path.Combine(folder, name));
        File.WriteAllBytes(Path.Combine(folder, "install.sh"), PageFiles.Installer!.Content.ToArray());
        File.WriteAllText(Path.Combine(folder, "machine-id"), RandomNumberGenerator.GetHexString(32, lowercase: true));
        RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(folder, "key")], []).GetAwaiter().GetResult().Code.Should().Be(0);
    }

    /// <summary>Whether the machine that runs the tests has what an installer needs.</summary>
    public static bool IsPossible => new[] { "ssh-keygen", "curl", "flock" }.All(p => File.Exists("/usr/bin/" + p));

    /// <summary>The receipt of the install that came to its end.</summary>
    public string Receipt => File.ReadAllText(Path.Combine(folder, "root/etc/slowdns/receipt.jwt"));

    /// <summary>Installs with a code, and proves the host key; with a timer that does not start it fails at the check-in.</summary>
    public Task<(int Code, string Said)> InstallAsync(string address, string code, bool hasTimer = true)
    {
        string systemctl = Path.Combine(folder, "systemctl");
        File.WriteAllText(systemctl, $"#!/bin/sh\ncase \"$*\" in *is-active*) exit {(hasTimer ? 0 : 1)} ;; esac\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(systemctl, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return RunAsync("setsid", ["bash", Path.Combine(folder, "install.sh"), "--prove"], new()
        {
            ["SLOWDNS_URL"] = address, ["SLOWDNS_INSTALL_CODE"] = code, ["SLOWDNS_HOSTNAME"] = "ns1.example.com", ["SLOWDNS_PUBLIC_IP"] = "192.0.2.53",
            ["SLOWDNS_ROOT"] = Path.Combine(folder, "root"), ["SLOWDNS_MACHINE_ID_FILE"] = Path.Combine(folder, "machine-id"), ["SLOWDNS_SSH_HOST_KEY"] = Path.Combine(folder, "key.pub"),
            ["SLOWDNS_SYSTEMCTL"] = systemctl, ["TMPDIR"] = Path.Combine(folder, "tmp"), ["NO_PROXY"] = "127.0.0.1", ["no_proxy"] = "127.0.0.1",
        });
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static async Task<(int Code, string Said)> RunAsync(string program, string[] arguments, Dictionary<string, string> settings)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        string said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }
}

/// <summary>A fact that needs Chromium and what an installer needs, and is skipped, saying so, where something is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsInstallerFactAttribute : FactAttribute
{
    public NeedsInstallerFactAttribute()
    {
        if (!Chromium.IsThere) Skip = $"needs {Chromium.Program}, which this machine does not have";
        else if (!InstallMachine.IsPossible) Skip = "needs ssh-keygen, curl and flock, which this machine does not have";
    }
}
