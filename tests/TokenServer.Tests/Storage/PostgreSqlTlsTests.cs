using Npgsql;
using TokenServer.Storage.Providers;

namespace TokenServer.Tests.Storage;

/// <summary>What nobody said about TLS to PostgreSQL is said for the network, and not for this machine.</summary>
public sealed class PostgreSqlTlsTests
{
    [PostgresFact]
    public async Task A_server_over_the_network_without_TLS_is_not_talked_to_unless_the_setting_says_so()
    {
        // Two hosts, one of which is elsewhere: what holds for that one holds for both.
        string remote = (await ByTcpAsync()).Replace("127.0.0.1", "127.0.0.1,elsewhere.invalid", StringComparison.Ordinal);
        using PostgreSqlProvider unsaid = new(remote), said = new(remote + ";SSL Mode=Disable");
        unsaid.Invoking(p => p.Open()).Should().Throw<NpgsqlException>().Which.ToString().Should().Contain("No SSL enabled connection");
        said.Open().Dispose();
    }

    [PostgresFact]
    public async Task On_this_machine_a_server_without_TLS_will_do()
    {
        string local = await ByTcpAsync();
        using PostgreSqlProvider address = new(local), name = new(local.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        address.Open().Dispose();
        name.Open().Dispose();
    }

    private static async Task<string> ByTcpAsync() => (await PostgresServer.SharedAsync()).ConnectionString("postgres", overTcp: true);
}
