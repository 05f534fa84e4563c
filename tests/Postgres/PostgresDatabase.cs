namespace Postgres;

/// <summary>One database on a <see cref="PostgresServer"/>, dropped when it is disposed of.</summary>
internal sealed class PostgresDatabase(PostgresServer server, string name) : IAsyncDisposable
{
    public PostgresServer Server => server;
    public string Name => name;

    /// <summary>By the server's socket.</summary>
    public string ConnectionString { get; } = server.ConnectionString(name);

    /// <summary>Closes it to everybody, for good, so that it can be copied.</summary>
    public async Task CloseAsync()
    {
        await server.ExecuteAsync($"""ALTER DATABASE "{name}" ALLOW_CONNECTIONS false""");
        await server.CutAsync(name);
    }

    // Left alone they would fill the disk: 8 MB each.
    public async ValueTask DisposeAsync() => await server.ExecuteAsync($"""DROP DATABASE IF EXISTS "{name}" WITH (FORCE)""");
}
