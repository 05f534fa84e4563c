using System.Diagnostics;
using Microsoft.Data.Sqlite;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Robustness;

/// <summary>Another process writes to the database and does not finish: who has to wait too long is told so, and nobody else notices.</summary>
[Collection(Alone.Name)]
public sealed class LockedDatabaseTests
{
    private static readonly TimeSpan Bearable = TimeSpan.FromSeconds(15);

    [SqliteFact("it is about the file")]
    public async Task Each_face_says_in_its_own_shape_that_it_cannot_write_now_and_goes_on_afterwards()
    {
        await using var all = await EveryWrite.StartAsync("--ConnectionStrings:Default=Data Source=tokenserver.db;Default Timeout=1");
        var watch = Stopwatch.StartNew();
        using (Lock(all.Server.Folder))
        {
            var answers = await Task.WhenAll(all.Requests.Select(async r => (r, Answer: await r.Send())));
            foreach (var (request, answer) in answers)
            {
                answer.Status.Should().Be(503, "{0} answered {1}", request.Name, answer.Body);
                answer.Headers.RetryAfter!.Delta.Should().BePositive(request.Name);
                request.ShouldBeUnavailable(answer);
            }
            watch.Elapsed.Should().BeLessThan(Bearable, "nobody is to wait for longer than the setting says");
            await ShouldReadAsync(all);
        }
        // Only what the lock kept from happening is left to be done: none of it was done by half.
        foreach (var (name, send, _) in all.Requests.Where(r => r.Name != "PIN, a wrong one"))
            (await send()).Status.Should().Match(s => s < 500, name);
        (await all.Server.RefreshAsync(all.Session["refresh_token"]!)).Status.Should().Be(200);
    }

    [SqliteFact("it is about the file")]
    public async Task A_lock_that_is_let_go_in_time_is_not_noticed()
    {
        await using var server = await TestServer.StartAsync(["--ConnectionStrings:Default=Data Source=tokenserver.db;Default Timeout=60"]);
        string token = (await server.SignInAsync())["refresh_token"]!;
        Task<Answer> refreshed;
        using (Lock(server.Folder))
        {
            refreshed = server.RefreshAsync(token);
            for (int i = 0; i < 20; i++) (await server.TokenAsync("worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
            refreshed.IsCompleted.Should().BeFalse();
        }
        (await refreshed).Status.Should().Be(200);
    }

    private static async Task ShouldReadAsync(EveryWrite all)
    {
        string token = all.Session["access_token"]!;
        (await all.Server.IsActiveAsync(token)).Should().BeTrue();
        (await all.Server.UserInfoAsync(token)).Status.Should().Be(200);
        (await all.Server.TokenAsync("worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
        (await all.Server.CallAsync("GET", "/api/v2/healthz")).Status.Should().Be(200);
    }

    private static SqliteConnection Lock(string folder)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "tokenserver.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        return connection;
    }
}
