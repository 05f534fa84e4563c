using System.Diagnostics;

namespace Postgres;

/// <summary>PostgreSQL's own programs, run as a user that they run for: root is refused by them, so for root the user postgres.</summary>
internal sealed class PostgresPrograms
{
    private const string Debian = "/usr/lib/postgresql";
    private static readonly string[] AsPostgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"];
    private readonly string folder;

    private PostgresPrograms(string folder) => this.folder = folder;

    /// <summary>The newest on this machine; null where there are none.</summary>
    public static PostgresPrograms? Found { get; } = Find();

    private static string[] Prefix => Environment.UserName == "root" ? AsPostgres : [];

    /// <summary>Runs one of them to its end.</summary>
    public Task RunAsync(string program, params string[] arguments) => RunAsync([.. Prefix, Path.Combine(folder, program), .. arguments]);

    /// <summary>Gives a folder to the user that they run as.</summary>
    public Task OwnAsync(string path) => Prefix is [] ? Task.CompletedTask : RunAsync(["chown", "postgres:", path]);

    /// <summary>Stops the server under <paramref name="path"/> and removes it all when this process has ended, or is done with it.</summary>
    // A process of its own, that outlives this one by a moment: it waits for the end of its input, which comes even when this one is killed.
    public IDisposable Watch(string path)
    {
        var start = Start(["setsid", .. Prefix, "sh", "-c", """cat; "$0" stop --pgdata="$1/data" --mode=immediate --wait; rm -rf "$1" """, Path.Combine(folder, "pg_ctl"), path]);
        return new Watchdog(Process.Start(start)!);
    }

    private static PostgresPrograms? Find()
    {
        var versions = Directory.Exists(Debian) ? Directory.GetDirectories(Debian).OrderByDescending(v => int.TryParse(Path.GetFileName(v), out int n) ? n : 0).Select(v => Path.Combine(v, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return versions.Concat(path).FirstOrDefault(f => File.Exists(Path.Combine(f, "initdb"))) is { } found ? new(found) : null;
    }

    private static async Task RunAsync(string[] command)
    {
        using var process = Process.Start(Start(command))!;
        process.StandardInput.Close();
        string[] said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {string.Concat(said)}");
    }

    private static ProcessStartInfo Start(string[] command)
    {
        // The root of the file system: the tests' own folder may be closed to the other user.
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/", RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // A developer's own PGDATA, PGPORT, ... are not the tests'.
        foreach (string name in start.Environment.Keys.Where(n => n.StartsWith("PG", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        return start;
    }

    private sealed class Watchdog(Process process) : IDisposable
    {
        public void Dispose()
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
