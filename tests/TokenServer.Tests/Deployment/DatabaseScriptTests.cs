using Npgsql;
using Postgres;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Deployment;

/// <summary>deploy/postgresql.sql: a role that has its database and little else, by a password that no command line shows.</summary>
public sealed class DatabaseScriptTests
{
    private const string Psql = "psql", Role = "script_test", Password = "it's \"a\" \\ password";

    [NeedsPostgresFact(Psql)]
    public async Task It_makes_a_role_and_a_database_and_may_be_run_again()
    {
        var server = await PostgresServer.SharedAsync();
        await RunAsync(server, "a first one");
        await RunAsync(server, Password);
        var own = new NpgsqlConnectionStringBuilder(server.ConnectionString(Role, overTcp: true)) { Username = Role, Password = Password, Pooling = false };
        (await AskAsync(own, "CREATE TABLE t (n int); DROP TABLE t; SELECT current_user::text")).Should().Be(Role);
        (await AskAsync(own, "SELECT datlocprovider::text || ' ' || datcollate FROM pg_database WHERE datname = current_database()")).Should().Be("c C.UTF-8", "names are compared as bytes, whatever the cluster's locale is");
        (await AskAsync(own, "SELECT string_agg(CASE WHEN rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls THEN 'much' ELSE 'little' END, ' ') FROM pg_roles WHERE rolname = current_user")).Should().Be("little");
        (await AskAsync(own, "SELECT count(*)::text FROM pg_auth_members WHERE member = current_user::regrole")).Should().Be("0");
        (await AskAsync(own, "SELECT has_database_privilege('public', current_database(), 'CONNECT')::text")).Should().Be("false");
        await FluentActions.Awaiting(() => AskAsync(new NpgsqlConnectionStringBuilder(own.ToString()) { Password = "a first one" }, "SELECT ''")).Should().ThrowAsync<PostgresException>();
        await server.ExecuteAsync($"DROP DATABASE {Role}");
        await server.ExecuteAsync($"DROP ROLE {Role}");
    }

    [NeedsPostgresFact(Psql)]
    public async Task It_wants_a_password()
    {
        var server = await PostgresServer.SharedAsync();
        foreach (string? none in (string?[])[null, ""])
        {
            var (code, said) = await PsqlAsync(server, none);
            code.Should().Be(3);
            said.Should().Contain("TOKENSERVER_PASSWORD");
        }
    }

    [Fact]
    public void Nothing_shows_the_password_on_a_command_line()
    {
        foreach (string file in Directory.GetFiles(DeploymentFiles.PathOf("."), "*", SearchOption.AllDirectories))
            File.ReadAllText(file).Should().NotContain("--set=password", file);
    }

    private static async Task RunAsync(PostgresServer server, string password)
    {
        var (code, said) = await PsqlAsync(server, password);
        code.Should().Be(0, said);
        said.Should().NotContain(password);
    }

    private static Task<(int Code, string Output)> PsqlAsync(PostgresServer server, string? password)
    {
        var parts = new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres"));
        (string, string)[] environment = password is null ? [] : [("TOKENSERVER_PASSWORD", password)];
        return Command.RunAsync(Psql, ["--no-psqlrc", $"--host={parts.Host}", $"--port={parts.Port}", $"--username={parts.Username}", $"--set=name={Role}", "--file", DeploymentFiles.PathOf("postgresql.sql"), "postgres"], null, environment);
    }

    private static async Task<string?> AskAsync(NpgsqlConnectionStringBuilder connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() as string;
    }
}
