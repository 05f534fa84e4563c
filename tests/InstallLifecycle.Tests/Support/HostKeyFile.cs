using System.Diagnostics;

namespace InstallLifecycle.Tests.Support;

/// <summary>A host key as sshd has it: two files, made and used by the machine's own ssh-keygen.</summary>
internal sealed class HostKeyFile : IDisposable
{
    public const string Namespace = "slowdns-install";
    private readonly TemporaryFolder folder = new();

    /// <param name="type">As <c>ssh-keygen -t</c> has it.</param>
    /// <param name="bits">As <c>-b</c>; 0 for the usual.</param>
    /// <param name="passphrase">Empty for a key that is not encrypted.</param>
    public HostKeyFile(string type, int bits = 0, string passphrase = "") =>
        Run("", ["-q", "-t", type, .. bits == 0 ? [] : new[] { "-b", $"{bits}" }, "-N", passphrase, "-C", "root@ns1", "-f", Path]);

    public string Path => System.IO.Path.Combine(folder.Path, "ssh_host_key");

    /// <summary>The line of the .pub file, with its line feed.</summary>
    public string PublicKey => File.ReadAllText(Path + ".pub");

    /// <summary>The key's certificate, by an authority of its own.</summary>
    public string Certificate()
    {
        Run("", ["-q", "-t", "ed25519", "-N", "", "-f", Path + "_ca"]);
        Run("", ["-q", "-s", Path + "_ca", "-h", "-I", "ns1", Path + ".pub"]);
        return File.ReadAllText(Path + "-cert.pub");
    }

    /// <summary>The machine of this key.</summary>
    public TestMachine Machine(TestMachine? other = null) => (other ?? TestMachine.Any()) with { SshFingerprint = Run("", ["-l", "-f", Path + ".pub"]).Split(' ')[1] };

    /// <summary>The armored signature over <paramref name="text"/>.</summary>
    public string Sign(string text, string purpose = Namespace, params string[] more) => Run(text, ["-q", "-Y", "sign", "-n", purpose, "-f", Path, .. more]);

    public void Dispose() => folder.Dispose();

    private static string Run(string input, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ssh-keygen", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"ssh-keygen {string.Join(' ', arguments)}: {error.Result}");
    }
}

/// <summary>Needs ssh-keygen, and is skipped, saying so, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SshKeygenFactAttribute : FactAttribute
{
    public SshKeygenFactAttribute() => Skip = Reason;

    internal static string? Reason => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "ssh-keygen")))
        ? null : "needs ssh-keygen, which this machine does not have";
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SshKeygenTheoryAttribute : TheoryAttribute
{
    public SshKeygenTheoryAttribute() => Skip = SshKeygenFactAttribute.Reason;
}
