using System.Diagnostics;
using TokenServer.Tests.Commands;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Admin;

/// <summary>What another process on the same database does counts here within a second, and what is done here counts there (contract section 6).</summary>
[Collection(Alone.Name)]
public sealed class SecondProcessTests(ITestOutputHelper output)
{
    // A second is promised, and printed is what it took; two more are for a machine that runs other tests meanwhile.
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_client_revoked_by_the_command_line_is_dead_on_a_running_server_within_a_second()
    {
        await using var first = await CommandServer.StartAsync();
        string token = (await first.ClientTokenAsync())["access_token"]!;
        (await first.IsActiveAsync(token)).Should().BeTrue();
        await first.DoAsync("client revoke worker");
        await MeasureAsync("client revoke on the command line", async () => !await first.IsActiveAsync(token));
    }

    [Fact]
    public async Task What_one_replica_revokes_by_REST_is_dead_on_the_other_within_a_second()
    {
        await using var first = await CommandServer.StartAsync();
        string robot = (await first.DoAsync("client add robot --grant-type client_credentials --scope admin")).Split('\n')[1].Split(' ')[1].Trim();
        // It starts with what the command added.
        await using var second = await ServerProcess.StartAsync(first.Server.Folder, ("RateLimits:Password:Permits", "1000"));
        string bearer = (await second.PostAsync("/connect/token", "robot", robot, ("grant_type", "client_credentials"), ("scope", "admin")))["access_token"]!;
        var (revoked, ended, disabled) = (await first.ClientTokenAsync(), await first.SignInAsync("jane"), await first.SignInAsync());
        string sid = Jwt.Claims(ended["access_token"]!).Text("sid");
        foreach (var answer in (Answer[])[revoked, ended, disabled]) (await IsActiveAsync(second, answer["access_token"]!)).Should().BeTrue();

        foreach (var (call, victim) in ((string, Answer)[])[("POST /admin/api/clients/worker/revoke", revoked), ("DELETE /admin/api/sessions/" + sid, ended), ("POST /admin/api/users/3/disable", disabled)])
        {
            string[] parts = call.Split(' ');
            using var request = new HttpRequestMessage(new HttpMethod(parts[0]), parts[1]);
            request.Headers.Authorization = new("Bearer", bearer);
            using var done = await second.Http.SendAsync(request);
            ((int)done.StatusCode).Should().Be(200, await done.Content.ReadAsStringAsync());
            (await IsActiveAsync(second, victim["access_token"]!)).Should().BeFalse("the replica that answered knows it before the answer");
            await MeasureAsync(call, async () => !await first.IsActiveAsync(victim["access_token"]!));
        }
    }

    private async Task MeasureAsync(string what, Func<Task<bool>> isSeen)
    {
        var watch = Stopwatch.StartNew();
        (await Eventually.TrueAsync(isSeen, Second)).Should().BeTrue("{0} must count within a second", what);
        output.WriteLine($"{what}: seen after {watch.Elapsed.TotalMilliseconds:0} ms");
    }

    private static async Task<bool> IsActiveAsync(ServerProcess server, string token) =>
        (await server.PostAsync("/connect/introspect", "api", TestImport.Secret, ("token", token))).Json.GetProperty("active").GetBoolean();
}
