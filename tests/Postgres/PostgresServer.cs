using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace Postgres;

/// <summary>A PostgreSQL server of this test process, in a temporary folder: it goes when it is disposed of, or when the process ends, however it ends.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "postgres", Password = "test of tokenserver";

    // The usual folder may be in memory (test.sh).
    private const string Disk = "/var/tmp";

    // What a crash of the whole machine would lose is lost with the tests anyway.
    private const string Fast = "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n";

    private static readonly Lazy<Task<PostgresServer>> Shared = new(() => StartAsync());
    private static int databases;
    private readonly PostgresPrograms programs;
    private readonly string folder;
    private readonly int port;
    private readonly IDisposable watchdog;
    private readonly NpgsqlDataSource administration;

    private PostgresServer(PostgresPrograms programs, string folder, int port, IDisposable watchdog)
    {
        (this.programs, this.folder, this.port, this.watchdog) = (programs, folder, port, watchdog);
        administration = NpgsqlDataSource.Create(ConnectionString("postgres") + ";Maximum Pool Size=4;Command Timeout=60");
    }

    /// <summary>Whether this machine has PostgreSQL's programs.</summary>
    public static bool IsThere => PostgresPrograms.Found is not null;

    /// <summary>The server that all tests share that leave it running; started with the first of them.</summary>
    public static Task<PostgresServer> SharedAsync() => Shared.Value;

    /// <summary>Makes a new server and starts it.</summary>
    /// <param name="durable">Whether a commit is on disk before it is answered, as in production; else it is only safe from the end of a client.</param>
    public static async Task<PostgresServer> StartAsync(bool durable = false)
    {
        var programs = PostgresPrograms.Found ?? throw new InvalidOperationException("PostgreSQL is not there: no initdb under /usr/lib/postgresql and none on the search path");
        string folder = NewFolder(durable);
        await programs.OwnAsync(folder);
        var watchdog = programs.Watch(folder);
        try
        {
            string password = Path.Combine(folder, "password");
            await File.WriteAllTextAsync(password, Password);
            // Names sorted as people do, not as bytes: whoever relies on the order of bytes is found out. The folder itself guards the socket.
            // The programs under test reach its socket as another user; PostgreSQL's own folder stays closed.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            await programs.RunAsync("initdb", $"--pgdata={folder}/data", $"--username={User}", $"--pwfile={password}", "--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8",
                "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US", "--no-sync", "--no-instructions");
            int port = FreePort();
            await File.AppendAllTextAsync($"{folder}/data/postgresql.conf", $"""

                unix_socket_directories = '{folder}'
                listen_addresses = '127.0.0.1'
                port = {port}
                max_connections = 300
                shared_buffers = {(durable ? "512MB" : "64MB")}
                max_wal_size = {(durable ? "4GB" : "1GB")}
                autovacuum = off
                wal_level = minimal
                max_wal_senders = 0
                timezone = 'America/Sao_Paulo'
                {(durable ? "" : Fast)}
                """);
            var server = new PostgresServer(programs, folder, port, watchdog);
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            watchdog.Dispose();
            throw;
        }
    }

    /// <summary>A connection string for <paramref name="database"/>.</summary>
    /// <param name="database">Its name.</param>
    /// <param name="overTcp">By TCP and with the password, else by the socket, which is quicker.</param>
    public string ConnectionString(string database, bool overTcp = false) => new NpgsqlConnectionStringBuilder
    {
        Host = overTcp ? "127.0.0.1" : folder, Port = port, Database = database, Username = User, Password = Password,
    }.ToString();

    /// <summary>Makes an empty database, or a copy of <paramref name="template"/>.</summary>
    public async Task<PostgresDatabase> CreateDatabaseAsync(PostgresDatabase? template = null)
    {
        var database = new PostgresDatabase(this, $"test_{Interlocked.Increment(ref databases)}");
        // Copying files takes half of what the new default takes, and brings the caches of the catalogue along.
        await ExecuteAsync($"""CREATE DATABASE "{database.Name}" TEMPLATE "{template?.Name ?? "template0"}" STRATEGY file_copy""");
        return database;
    }

    /// <summary>Stops it: connections are cut, and what is committed is written down.</summary>
    public Task StopAsync() => ControlAsync("stop", "--mode=fast");

    /// <summary>Stops it as a crash would: at the next start it recovers.</summary>
    public Task CrashAsync() => ControlAsync("stop", "--mode=immediate");

    /// <summary>Starts it where it was stopped, on the same port.</summary>
    public Task StartAgainAsync() => ControlAsync("start", $"--log={folder}/log");

    /// <summary>Stops and starts it.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Cuts the connections to <paramref name="database"/>; new ones may be made.</summary>
    public Task CutAsync(string database) => ExecuteAsync("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", database);

    /// <summary>Stands still, as a machine does that is suspended: connections stay, new ones are taken by the system, and nobody answers.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Goes on.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Runs a statement as the superuser, outside the tests' databases.</summary>
    public async Task ExecuteAsync(string sql, params string[] values)
    {
        await using var command = administration.CreateCommand(sql);
        foreach (string value in values) command.Parameters.AddWithValue(value);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await administration.DisposeAsync();
        watchdog.Dispose();
    }

    private async Task ControlAsync(params string[] arguments)
    {
        // Connections that it closes are no use to those who come after.
        administration.Clear();
        await programs.RunAsync("pg_ctl", [.. arguments, $"--pgdata={folder}/data", "--wait", "--silent"]);
    }

    private async Task SignalAsync(string signal)
    {
        string master = (await File.ReadAllLinesAsync($"{folder}/data/postmaster.pid"))[0];
        string children = await File.ReadAllTextAsync($"/proc/{master}/task/{master}/children");
        // The shell's own: a bare machine has no other.
        using var kill = Process.Start("bash", ["-c", """kill "$@" """, "kill", $"-{signal}", master, .. children.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        await kill.WaitForExitAsync();
    }

    private static string NewFolder(bool durable)
    {
        if (!durable || OperatingSystem.IsWindows() || !Directory.Exists(Disk)) return Directory.CreateTempSubdirectory("pg-test-").FullName;
        return Directory.CreateDirectory(Path.Combine(Disk, "pg-test-" + RandomNumberGenerator.GetHexString(12)), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
