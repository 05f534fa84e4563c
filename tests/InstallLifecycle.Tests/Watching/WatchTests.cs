using System.Text.Json;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Watching;

/// <summary>Watching an install (contract section 5b): what is told, to whom, as a stream and to who polls.</summary>
public sealed class WatchTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Events = $"{Requests.V2}/code/events";
    private readonly TestHost host = shared.Host;

    [Fact]
    public async Task A_stream_tells_each_step_of_an_install_as_it_happens()
    {
        string cookie = await host.OpenPageAsync();
        var install = new Install(host, (await host.IssueAsync(cookie)).Text("install_code"), TestMachine.Any());
        using var stream = await StepStream.OpenAsync(host.Http, cookie);
        stream.Response.Content.Headers.ContentType!.ToString().Should().Be("text/event-stream");
        stream.Response.Headers.CacheControl!.ToString().Should().Be("no-store, no-transform");
        stream.Response.Headers.GetValues("X-Accel-Buffering").Should().Equal("no");
        await NextIsAsync(stream, "issued");
        await install.PrecheckedAsync();
        var prechecked = await NextIsAsync(stream, "prechecked");
        prechecked.Text("machine").Should().Be(install.Machine.MachineId[^4..]);
        prechecked.Text("ssh_key").Should().Be(install.Machine.SshFingerprint[^4..]);
        await install.PrecheckedAsync();
        await install.ActivatedAsync();
        (await NextIsAsync(stream, "activated")).Text("hostname").Should().Be(install.Machine.Hostname);
        await install.ActivatedAsync();
        await install.RegisteredAsync();
        await NextIsAsync(stream, "registered");
        await install.RegisteredAsync();
        await install.ConfirmedAsync();
        var confirmed = await NextIsAsync(stream, "confirmed");
        confirmed.Text("install_code_hint").Should().Be($"{install.Code[..11]}...{install.Code[^6..]}");
        confirmed.Text("time").Should().MatchRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$");
        confirmed.EnumerateObject().Select(m => m.Name).Should().Equal("id", "event", "time", "install_code_hint", "activation_id");
    }

    [Fact]
    public async Task A_release_a_second_try_and_an_administrators_end_are_told()
    {
        string cookie = await host.OpenPageAsync();
        var install = await new Install(host, (await host.IssueAsync(cookie)).Text("install_code"), TestMachine.Any()).PrecheckedAsync();
        await (await install.ActivatedAsync()).ReleasedAsync();
        await (await install.PrecheckedAsync()).RevokedAsync();
        var events = await PollAsync(cookie, 0);
        Names(events).Should().Equal("issued", "prechecked", "activated", "released", "prechecked", "revoked");
        events[3].GetProperty("install_code_restored").GetBoolean().Should().BeTrue();
        Names(await PollAsync(cookie, events[3].GetProperty("id").GetInt64())).Should().Equal("prechecked", "revoked");
        (await PollAsync(cookie, events[5].GetProperty("id").GetInt64())).Should().BeEmpty();
    }

    [Fact]
    public async Task A_poll_says_what_to_ask_with_next()
    {
        string cookie = await host.OpenPageAsync();
        (await host.SendAsync("GET", $"{Events}?since=0", null, ("Cookie", cookie))).ShouldBe(200, """{"data":{"events":[],"since":0},"meta":{"message":"<text>"}}""");
        await host.IssueAsync(cookie);
        var answer = (await host.SendAsync("GET", $"{Events}?since=0", null, ("Cookie", cookie))).Data;
        answer.GetProperty("since").GetInt64().Should().Be(answer.GetProperty("events")[0].GetProperty("id").GetInt64()).And.BePositive();
    }

    [Fact]
    public async Task A_session_is_told_of_its_own_codes_alone()
    {
        string mine = await host.OpenPageAsync(), other = await host.OpenPageAsync();
        await host.IssueAsync(mine);
        (await PollAsync(other, 0)).Should().BeEmpty();
        using var stream = await StepStream.OpenAsync(host.Http, other);
        await host.IssueAsync(mine);
        await host.IssueAsync(other);
        var (_, data) = (await stream.NextAsync())!.Value;
        Names(await PollAsync(mine, 0)).Should().Equal("issued", "issued");
        data.GetProperty("id").GetInt64().Should().Be((await PollAsync(other, 0)).Single().GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task Nobody_else_is_told_anything()
    {
        foreach (string query in (string[])["", "?since=0"])
        {
            (await host.SendAsync("GET", Events + query, null)).ShouldFail(403, "browser_session_required");
            (await host.SendAsync("GET", Events + query, null, ("Cookie", "slowdns_browser=AAAA"))).ShouldFail(403, "browser_session_required");
            string cookie = await host.OpenPageAsync();
            (await host.SendAsync("GET", Events + query, null, ("Cookie", cookie), ("Sec-Fetch-Site", "cross-site"))).ShouldFail(403, "cross_site_request");
            (await host.SendAsync("GET", Events + query, null, ("Cookie", cookie), ("Origin", "https://elsewhere.example"))).ShouldFail(403, "cross_site_request");
        }
    }

    [Theory]
    [InlineData("since=")]
    [InlineData("since=-1")]
    [InlineData("since=1.5")]
    [InlineData("since=one")]
    [InlineData("since=%2B1")]
    [InlineData("since=99999999999999999999")]
    [InlineData("since=0&since=0")]
    public async Task What_is_no_number_of_an_event_is_bad_input(string query) =>
        (await host.SendAsync("GET", $"{Events}?{query}", null, ("Cookie", await host.OpenPageAsync()))).ShouldName("since");

    [Fact]
    public async Task A_stream_that_is_asked_for_with_nonsense_begins_at_the_beginning()
    {
        string cookie = await host.OpenPageAsync();
        await host.IssueAsync(cookie);
        using var stream = await StepStream.OpenAsync(host.Http, cookie, "nonsense");
        await NextIsAsync(stream, "issued");
    }

    [Fact]
    public async Task Other_methods_are_not_allowed()
    {
        var answer = await host.PostAsync(Events, null, ("Cookie", await host.OpenPageAsync()));
        answer.ShouldFail(405, "method_not_allowed");
        answer.ContentHeaders.Allow.Should().Contain("GET");
    }

    [Fact]
    public async Task Nothing_of_a_machine_but_its_last_characters_is_told()
    {
        string cookie = await host.OpenPageAsync();
        var install = await new Install(host, (await host.IssueAsync(cookie)).Text("install_code"), TestMachine.Any()).PrecheckedAsync();
        await install.ActivatedAsync();
        string told = (await host.SendAsync("GET", $"{Events}?since=0", null, ("Cookie", cookie))).Body;
        told.Should().NotContain(install.Machine.MachineId).And.NotContain(install.Machine.SshFingerprint).And.NotContain(install.Code)
            .And.NotContain(install.ActivationId, "who knows it may release the install");
    }

    private async Task<IReadOnlyList<JsonElement>> PollAsync(string cookie, long since)
    {
        var answer = await host.SendAsync("GET", $"{Events}?since={since}", null, ("Cookie", cookie));
        answer.Status.Should().Be(200, answer.Body);
        return [.. answer.Data.GetProperty("events").EnumerateArray()];
    }

    private static IEnumerable<string> Names(IEnumerable<JsonElement> events) => events.Select(e => e.Text("event"));

    private static async Task<JsonElement> NextIsAsync(StepStream stream, string name)
    {
        var (next, data) = (await stream.NextAsync())!.Value;
        next.Should().Be(name);
        data.Text("event").Should().Be(name);
        stream.LastId.Should().Be(data.GetProperty("id").ToString());
        return data;
    }
}
