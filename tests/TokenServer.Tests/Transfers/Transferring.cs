using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Transfers;

/// <summary>A server on a database file, an empty PostgreSQL database, and the command that copies the one into the other.</summary>
internal sealed class Transferring : IAsyncDisposable
{
    private static readonly string[] Settings = [.. FaceRequests.NoLimits, .. InstallRequests.NoInstallLimits, "--TokenServer:Issuer=https://tokens.example"];
    private static readonly string MasterKey = Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);
    private readonly TemporaryFolder replica = new();
    private readonly List<TestServer> servers = [];

    private Transferring(PostgresDatabase target) => Target = target;

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Skip => !PostgresServer.IsThere ? "needs PostgreSQL, which this machine does not have" : TestDatabases.ArePostgres ? "done once, when the other tests run on SQLite" : null;

    public TemporaryFolder Source { get; } = new();
    public PostgresDatabase Target { get; }

    /// <summary>The servers' clock. The command has the machine's, so it is set to that.</summary>
    public ManualClock Clock { get; } = new();

    /// <summary>A new installation with <see cref="TestImport"/>'s clients and users, and a database to go to.</summary>
    public static async Task<Transferring> CreateAsync()
    {
        var made = new Transferring(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());
        made.Clock.Advance(TimeProvider.System.GetUtcNow() - made.Clock.GetUtcNow());
        await TestTemplate.CopyAsync(made.Source.Path);
        // Else it would be filled as a test's own folder is.
        made.replica.Write("replica", "");
        return made;
    }

    /// <summary>Starts the server on the file.</summary>
    public Task<TestServer> StartSourceAsync() => StartAsync(Source, []);

    /// <summary>Starts a server on PostgreSQL, with a data directory of its own.</summary>
    public Task<TestServer> StartTargetAsync() => StartAsync(replica, OnTarget);

    /// <summary>Runs <c>TokenServer transfer</c>.</summary>
    /// <param name="to">Where to; the target unless given.</param>
    public Task<(int Code, string Output)> RunAsync(string? to = null) => Command.RunAsync(Command.DotNet, Arguments(to));

    /// <summary>Starts <c>TokenServer transfer</c>, for as long as it is let run.</summary>
    // A lock that the test holds is waited for.
    public Process Start() => Process.Start(new ProcessStartInfo(Command.DotNet, Arguments($"{Target.ConnectionString};Command Timeout=300")) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Runs another command on PostgreSQL.</summary>
    public Task<(int Code, string Output)> RunOnTargetAsync(params string[] words) => Command.RunAsync(Command.DotNet, [Program, .. words, "--environment=Development", $"--TokenServer:DataDirectory={replica.Path}", .. OnTarget]);

    /// <summary>The first column of the first row of a query of the target, as text.</summary>
    public async Task<string> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Target.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture)!;
    }

    /// <summary>The same of the source, after the statements before the query.</summary>
    public string AskSource(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Source.Path, "tokenserver.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture)!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers) await server.DisposeAsync();
        await Target.DisposeAsync();
        Source.Dispose();
        replica.Dispose();
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "TokenServer.dll");

    private string[] OnTarget => [$"--ConnectionStrings:Default={Target.ConnectionString}", $"--TokenServer:MasterKey={MasterKey}"];

    private string[] Arguments(string? to) => [Program, "transfer", "--to", to ?? Target.ConnectionString, "--environment=Development", $"--TokenServer:DataDirectory={Source.Path}", $"--TokenServer:MasterKey={MasterKey}"];

    private async Task<TestServer> StartAsync(TemporaryFolder folder, string[] settings)
    {
        var server = await TestServer.StartAsync([.. Settings, .. settings], folder: folder.Path, clock: Clock);
        servers.Add(server);
        return server;
    }
}
