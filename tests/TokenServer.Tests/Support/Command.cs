using System.Diagnostics;

namespace TokenServer.Tests.Support;

/// <summary>Other programs that tests run.</summary>
internal static class Command
{
    /// <summary>The .NET host that runs these tests.</summary>
    public static string DotNet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Whether the search path has a program of this name.</summary>
    public static bool Exists(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, name)) || OperatingSystem.IsWindows() && (File.Exists(Path.Combine(folder, name + ".exe")) || File.Exists(Path.Combine(folder, name + ".cmd"))));

    /// <summary>Sends a signal to a process, or with a negative number to a group; 0 asks whether it is there. The shell's own kill(1): a bare machine has no other.</summary>
    public static Task<(int Code, string Output)> SignalAsync(string signal, int process) => RunAsync("bash", ["-c", $"kill -s {signal} -- {process}"]);

    /// <summary>Runs a program to its end, with nothing on its standard input; what it said, both streams.</summary>
    public static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, string? folder = null, params (string Name, string Value)[] environment)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder ?? "", RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            string[] said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, string.Concat(said));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
