using InstallLifecycle.Tests.Support;
using InstallLifecycle.Watching;
using TokenServer.Tests.Support;

namespace InstallLifecycle.Tests.Watching;

/// <summary>Streams come to an end, and there are only so many of them.</summary>
public sealed class WatcherTests
{
    [Fact]
    public async Task After_a_restart_a_browser_is_told_what_it_missed()
    {
        await using var first = await TestHost.StartAsync();
        string cookie = await first.OpenPageAsync(), code = (await first.IssueAsync(cookie)).Text("install_code");
        using var stream = await StepStream.OpenAsync(first.Http, cookie);
        (await stream.NextAsync())!.Value.Name.Should().Be("issued");
        await using var second = await first.RestartAsync();
        (await stream.NextAsync()).Should().BeNull("it ended, and was not cut off");
        await new Install(second, code, TestMachine.Any()).PrecheckedAsync();
        using var again = await StepStream.OpenAsync(second.Http, cookie, stream.LastId);
        (await again.NextAsync())!.Value.Name.Should().Be("prechecked");
        await second.StopAsync();
    }

    [Fact]
    public async Task A_session_and_an_address_have_so_many_streams_and_the_server_too()
    {
        var options = Limits.None();
        (options.WatchersPerSession, options.WatchersPerIp, options.Watchers) = (2, 3, 4);
        await using var host = await TestHost.StartAsync(options);
        string[] cookies = [await host.OpenPageAsync(), await host.OpenPageAsync(), await host.OpenPageAsync()];
        using var one = await OpenAsync(host, cookies[0], "192.0.2.1");
        using var two = await OpenAsync(host, cookies[0], "192.0.2.2");
        await RefusedAsync(host, cookies[0], "192.0.2.3", 429, "rate_limit_exceeded");
        using var three = await OpenAsync(host, cookies[1], "192.0.2.1");
        using var four = await OpenAsync(host, cookies[2], "192.0.2.1");
        await RefusedAsync(host, cookies[1], "192.0.2.9", 503, "unavailable");
        two.Dispose();
        await LeftAsync(host, 3);
        await RefusedAsync(host, cookies[1], "192.0.2.1", 429, "rate_limit_exceeded");
        using var five = await OpenAsync(host, cookies[1], "192.0.2.9");
        foreach (var stream in (StepStream[])[one, three, four, five]) stream.Dispose();
        await LeftAsync(host, 0);
    }

    [Fact]
    public async Task Who_is_refused_a_stream_may_poll()
    {
        var options = Limits.None();
        options.WatchersPerSession = 1;
        await using var host = await TestHost.StartAsync(options);
        string cookie = await host.OpenPageAsync();
        using var stream = await StepStream.OpenAsync(host.Http, cookie);
        await RefusedAsync(host, cookie, "127.0.0.1", 429, "rate_limit_exceeded");
        (await host.SendAsync("GET", $"{Requests.V2}/code/events?since=0", null, ("Cookie", cookie))).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task The_schedule_tells_what_expired_and_forgets_after_a_day()
    {
        await using var host = await TestHost.StartAsync();
        string cookie = await host.OpenPageAsync();
        await host.IssueAsync(cookie);
        using var stream = await StepStream.OpenAsync(host.Http, cookie);
        (await stream.NextAsync())!.Value.Name.Should().Be("issued");
        host.Clock.AdvanceMinutes(6);
        await host.Lifecycle.ExpireAsync(CancellationToken.None);
        (await stream.NextAsync())!.Value.Name.Should().Be("expired");
        host.Clock.AdvanceMinutes(25 * 60);
        await host.Lifecycle.ExpireAsync(CancellationToken.None);
        host.Storage.Read(db => db.Steps.Count()).Should().Be(0);
    }

    [Fact]
    public async Task Nothing_is_read_while_nobody_watches()
    {
        await using var host = await TestHost.StartAsync();
        await host.ActivatedAsync();
        int reads = host.Storage.Reads;
        host.Get<InstallNews>().Announce();
        host.Get<InstallNews>().Announce();
        host.Storage.Reads.Should().Be(reads);
    }

    [Fact]
    public async Task A_database_that_is_down_ends_a_stream_and_the_next_one_leads_on()
    {
        await using var host = await TestHost.StartAsync();
        string cookie = await host.OpenPageAsync();
        await host.IssueAsync(cookie);
        using var stream = await StepStream.OpenAsync(host.Http, cookie);
        (await stream.NextAsync())!.Value.Name.Should().Be("issued");
        host.Storage.IsDown = true;
        host.Get<InstallNews>().Announce();
        await ((Func<Task>)(() => stream.NextAsync())).Should().ThrowAsync<IOException>();
        host.Storage.IsDown = false;
        await host.IssueAsync(cookie);
        using var again = await StepStream.OpenAsync(host.Http, cookie, stream.LastId);
        (await again.NextAsync())!.Value.Name.Should().Be("issued");
    }

    private static Task<StepStream> OpenAsync(TestHost host, string cookie, string address) =>
        StepStream.OpenAsync(host.Http, cookie, null, (TestHost.AddressHeader, address));

    private static async Task RefusedAsync(TestHost host, string cookie, string address, int status, string code)
    {
        using var answer = await StepStream.SendAsync(host.Http, cookie, (TestHost.AddressHeader, address));
        ((int)answer.StatusCode).Should().Be(status);
        (await answer.Content.ReadAsStringAsync()).Should().Contain($"\"{code}\"");
        answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds.Should().Be(30);
    }

    // The server hears of a connection that is closed a moment later.
    private static async Task LeftAsync(TestHost host, int count) =>
        (await Eventually.TrueAsync(() => Task.FromResult(host.Get<Watchers>().Count == count), Eventually.Never)).Should().BeTrue();
}
