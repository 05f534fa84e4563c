using System.Diagnostics;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Installs;

/// <summary>Watching an install on the whole server (contract section 5b): across processes, at a stop, by every method.</summary>
public sealed class WatchTests
{
    [Fact]
    public async Task A_stop_ends_streams_and_waits_for_none()
    {
        await using var server = await TestServer.StartAsync(InstallRequests.NoInstallLimits);
        var install = await new Installation(server).UpToAsync(Installation.Issue);
        using var stream = await EventReader.OpenAsync(server.Http, install.Cookie);
        (await stream.NextAsync()).Should().Be("issued");
        var end = stream.NextAsync();
        await server.StopAsync();
        (await end).Should().BeNull("the stream has an end, and was not cut off");
    }

    [Fact]
    public async Task HEAD_says_what_GET_would_and_keeps_nothing_open()
    {
        await using var server = await TestServer.StartAsync();
        var install = await new Installation(server).OpenPageAsync();
        var head = await server.CallAsync("HEAD", EventReader.Path, headers: ("Cookie", install.Cookie));
        head.Status.Should().Be(200);
        head.ContentHeaders.ContentType!.ToString().Should().Be("text/event-stream");
        head.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
        (await server.CallAsync("HEAD", EventReader.Path)).Status.Should().Be(403);
        (await server.CallAsync("HEAD", EventReader.Path + "?since=0", headers: ("Cookie", install.Cookie))).Status.Should().Be(200);
    }

    [Fact]
    public async Task What_another_process_does_to_the_same_database_is_told()
    {
        await using var server = await TestServer.StartAsync(InstallRequests.NoInstallLimits);
        var install = await new Installation(server).UpToAsync(Installation.Issue);
        using var stream = await EventReader.OpenAsync(server.Http, install.Cookie);
        (await stream.NextAsync()).Should().Be("issued");
        await using var other = await TestServer.StartAsync(folder: server.Folder, clock: server.Clock);
        await other.RevokeLastCodeAsync();
        (await stream.NextAsync()).Should().Be("revoked");
    }

    [PostgresFact]
    public async Task Another_replica_tells_within_about_a_second()
    {
        await using var replicas = await ReplicaSet.StartAsync(2, InstallRequests.NoInstallLimits);
        var install = await new Installation(replicas[0]).OpenPageAsync();
        using var stream = await EventReader.OpenAsync(replicas[1].Http, install.Cookie);
        foreach (string step in Installation.Steps)
        {
            (await install.DoAsync(step)).Status.Should().BeInRange(200, 201);
            var took = Stopwatch.StartNew();
            (await stream.NextAsync()).Should().Be(EventReader.EventOf(step));
            took.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(5), "a second, and what a busy machine adds");
        }
        // The browser comes to the other one, and goes on where it was.
        string last = stream.LastId;
        await new Installation(replicas[1]).UpToAsync(Installation.Issue);
        await replicas[0].RevokeLastCodeAsync();
        using var again = await EventReader.OpenAsync(replicas[0].Http, install.Cookie, last);
        (await install.DoAsync(Installation.Issue)).Status.Should().Be(201);
        (await again.NextAsync()).Should().Be("issued", "and nothing that was told before, or was another's");
    }

    [Fact]
    public async Task A_server_without_places_says_so()
    {
        await using var server = await TestServer.StartAsync(["--InstallLifecycle:WatchersPerIp=1", "--InstallLifecycle:Watchers=1"]);
        var install = await new Installation(server).OpenPageAsync();
        using var stream = await EventReader.OpenAsync(server.Http, install.Cookie);
        var refused = await server.CallAsync("GET", EventReader.Path, headers: ("Cookie", install.Cookie));
        refused.ShouldRefuse(503, "unavailable");
        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(30));
    }
}
