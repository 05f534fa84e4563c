using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Robustness;

/// <summary>What the server has answered it keeps, whenever it is killed (docs/decisions/0004).</summary>
public sealed class CrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Refreshing = 12, Revoking = 8, Ending = 2;
    private static readonly int Crashes = Scale.Of(20, otherwise: 6);
    private readonly string folder = Directory.CreateTempSubdirectory("tokenserver-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_undone_by_twenty_kills_in_storms_of_refreshes_and_revocations()
    {
        string import = Path.Combine(folder, "import.json");
        await File.WriteAllTextAsync(import, TestImport.Json);
        // A restart on a busy machine may outlast the usual leeway.
        string[] settings = [$"--TokenServer:ImportFile={import}", "--TokenServer:Issuer=https://tokens.example", "--RateLimits:Password:Permits=100000", "--TokenServer:Lifetimes:RefreshTokenReuseLeeway=00:10:00"];
        var server = await CrashableServer.StartAsync(folder, settings);
        try
        {
            var refreshers = new Refresher[Refreshing];
            for (int i = 0; i < Refreshing; i++) refreshers[i] = new Refresher(await SignInAsync(server));
            var dead = new List<string>();
            int refreshed = 0;
            for (int crash = 0; crash < Crashes; crash++)
            {
                var storm = new Storm(server, RandomNumberGenerator.GetInt32(100, 700));
                var ending = new Answer[Ending];
                for (int i = 0; i < Ending; i++) ending[i] = await SignInAsync(server);
                await storm.RageAsync([.. refreshers.Select(r => (Func<Storm, Task>)r.RunAsync), .. Enumerable.Repeat<Func<Storm, Task>>(RevokeAsync, Revoking),
                    .. ending.Select(session => (Func<Storm, Task>)(s => EndAsync(s, session)))]);
                await server.DisposeAsync();

                server = await CrashableServer.StartAsync(folder, settings);
                IntegrityCheck().Should().Be("ok");
                await HoldsDeadAsync(server, storm.Dead);
                foreach (var refresher in refreshers) await refresher.HoldsAliveAsync(server);
                (refreshed, dead) = (refreshed + storm.Refreshed, [.. dead, .. storm.Dead]);
            }
            await HoldsDeadAsync(server, dead);
            output.WriteLine($"{Crashes} crashes: {refreshed} refreshes and {dead.Count} dead tokens were acknowledged, all of them were kept");
            (refreshed > Crashes && dead.Count > Crashes).Should().BeTrue("there were storms");
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static Task<Answer> SignInAsync(CrashableServer server) => server.PostAsync("/connect/token", "web",
        ("grant_type", "password"), ("username", "jane"), ("password", TestImport.Password), ("scope", "openid offline_access api"));

    private static async Task RevokeAsync(Storm storm)
    {
        string token = (await storm.Server.PostAsync("/connect/token", "worker", ("grant_type", "client_credentials")))["access_token"]!;
        (await storm.Server.PostAsync("/connect/revoke", "worker", ("token", token))).Status.Should().Be(200);
        storm.Acknowledge(token);
    }

    // The session ends at a moment of its own in the storm.
    private static async Task EndAsync(Storm storm, Answer session)
    {
        for (int i = RandomNumberGenerator.GetInt32(50); i > 0; i--) await storm.Server.PostAsync("/connect/introspect", "api", ("token", session["access_token"]!));
        (await storm.Server.PostAsync("/connect/revoke", "web", ("token", session["refresh_token"]!))).Status.Should().Be(200);
        storm.Acknowledge(session["access_token"]!);
        await storm.Over;
    }

    private static Task HoldsDeadAsync(CrashableServer server, IEnumerable<string> tokens) => Parallel.ForEachAsync(tokens, async (token, _) =>
    {
        var answer = await server.PostAsync("/connect/introspect", "api", ("token", token));
        answer.Status.Should().Be(200, answer.Body);
        answer.Json.GetProperty("active").GetBoolean().Should().BeFalse("its revocation was acknowledged");
    });

    private string IntegrityCheck()
    {
        // PostgreSQL's own server was not killed.
        if (TestDatabases.ArePostgres) return "ok";
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "tokenserver.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string)command.ExecuteScalar()!;
    }

    // A session whose refresh token was acknowledged last is the only one its client knows.
    private sealed class Refresher(Answer session)
    {
        private Answer known = session;

        public async Task RunAsync(Storm storm)
        {
            var answer = await RefreshAsync(storm.Server);
            answer.Status.Should().Be(200, answer.Body);
            known = answer;
            storm.CountRefresh();
        }

        /// <summary>The known token refreshes; if it had done so already and the answer was lost, it does again, to the one successor.</summary>
        public async Task HoldsAliveAsync(CrashableServer server)
        {
            var next = await RefreshAsync(server);
            next.Status.Should().Be(200, next.Body);
            var again = await RefreshAsync(server);
            again["refresh_token"].Should().Be(next["refresh_token"], "a refresh token has one successor");
            (await server.PostAsync("/connect/introspect", "api", ("token", known["access_token"]!))).Json.GetProperty("active").GetBoolean().Should().BeTrue();
            known = again;
        }

        private Task<Answer> RefreshAsync(CrashableServer server) => server.PostAsync("/connect/token", "web", ("grant_type", "refresh_token"), ("refresh_token", known["refresh_token"]!));
    }
}
