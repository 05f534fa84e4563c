using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Servers;

/// <summary>Each check-in brings the key that the last one gave (contract section 5b, "Clones").</summary>
public sealed class RatchetTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Clone = "409 clone_suspected";
    private readonly TestHost host = shared.Host;

    [Fact]
    public async Task A_server_that_asks_for_a_ratchet_gets_a_key_and_each_checkin_the_next()
    {
        var (install, registered) = await RegisteredAsync();
        registered.ShouldBe(201, """{"server_id":"<server>","server_token":"<server token>","checkin_interval_seconds":300,"checkin_key":"<checkin key>"}""");
        var agent = TestAgent.Of(registered);
        var seen = new HashSet<string> { agent.Key! };
        for (int i = 0; i < 5; i++)
        {
            (agent, var answer) = await agent.CheckInAsync(host);
            answer.ShouldBe(200, $$"""{"status":"ok","server_id":"{{registered.Json.Text("server_id")}}","checkin_interval_seconds":300,"server_time":"<text>","checkin_key":"<checkin key>"}""");
            seen.Add(agent.Key!).Should().BeTrue("each key is another");
        }
        await install.ConfirmedAsync();
        (await agent.CheckInAsync(host)).Answer.Outcome.Should().Be("200");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_answer_is_given_again_until_its_key_is_used(bool sendsNonce)
    {
        var agent = TestAgent.Of((await RegisteredAsync()).Registered, sendsNonce);
        string first = (await agent.CheckInAsync(host, isLost: true)).Answer.Json.Text("checkin_key");
        for (int i = 0; i < 3; i++) (await agent.CheckInAsync(host, isLost: true)).Answer.Json.Text("checkin_key").Should().Be(first);
        var (next, _) = await agent.CheckInAsync(host);
        (await next.CheckInAsync(host)).Answer.Outcome.Should().Be("200");
        (await agent.CheckInAsync(host)).Answer.ShouldFailFlatly(409, "clone_suspected");
    }

    [Fact]
    public async Task Two_requests_of_one_agent_at_once_get_one_answer()
    {
        var agent = TestAgent.Of((await RegisteredAsync()).Registered);
        for (int i = 0; i < 5; i++)
        {
            // Only one made up something for the key.
            (await agent.CheckInAsync(host, isLost: true)).Answer.Outcome.Should().Be("200");
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => agent.CheckInAsync(host)));
            answers.Select(a => a.Agent.Key).Distinct().Should().ContainSingle();
            agent = answers[0].Agent;
        }
    }

    [Fact]
    public async Task Two_that_go_by_turns_are_found_at_the_third_checkin_at_the_latest_and_both_stop()
    {
        var (install, registered) = await RegisteredAsync();
        await install.ConfirmedAsync();
        var one = TestAgent.Of(registered);
        (one, _) = await one.CheckInAsync(host);
        var other = one.Copy();
        int until = 0;
        for (int turn = 1; until == 0 && turn < 10; turn++)
        {
            (one, var first) = await one.CheckInAsync(host);
            if (first.Outcome == Clone) until = 2 * turn - 1;
            (other, var second) = await other.CheckInAsync(host);
            if (until == 0 && second.Outcome == Clone) until = 2 * turn;
        }
        until.Should().BeLessThanOrEqualTo(3);
        (await one.CheckInAsync(host)).Answer.Outcome.Should().Be(Clone);
        (await other.CheckInAsync(host)).Answer.Outcome.Should().Be(Clone);
        (await host.PostAsAsync(one.Token, "/checkin")).Outcome.Should().Be(Clone, "with no key either");
        string id = registered.Json.Text("server_id");
        host.Storage.Events.Count(e => e.Event == "server.clone_suspected" && e.Target == id).Should().Be(1);
        host.Lifecycle.Servers(new("clone_suspected", null, 100)).Should().Contain(s => s.ServerId == id && s.CloneSuspectedAt != null && s.Status == "clone_suspected");
        host.Lifecycle.Servers(new("active", null, 1000)).Should().NotContain(s => s.ServerId == id);
    }

    /// <summary>Without that, the wire of both is that of one which loses every other answer; only an older key tells.</summary>
    [Fact]
    public async Task Two_that_make_up_nothing_are_found_when_one_is_behind()
    {
        var one = TestAgent.Of((await RegisteredAsync()).Registered, sendsNonce: false);
        var other = one.Copy();
        (one, _) = await one.CheckInAsync(host);
        (one, _) = await one.CheckInAsync(host);
        (await other.CheckInAsync(host)).Answer.Outcome.Should().Be(Clone);
        (await one.CheckInAsync(host)).Answer.Outcome.Should().Be(Clone);
    }

    [Fact]
    public async Task A_copy_that_was_made_while_an_answer_was_on_its_way_is_found_too()
    {
        var one = TestAgent.Of((await RegisteredAsync()).Registered);
        await one.CheckInAsync(host, isLost: true);
        var other = one.Copy();
        (one, _) = await one.CheckInAsync(host);
        (other, var same) = await other.CheckInAsync(host);
        same.Outcome.Should().Be("200", "it repeats what the first has sent");
        (one, _) = await one.CheckInAsync(host);
        (await other.CheckInAsync(host)).Answer.Outcome.Should().Be(Clone);
    }

    [Theory]
    [InlineData("""{}""", "400 invalid_request")]
    [InlineData("""{"checkin_key":null}""", "400 invalid_request")]
    [InlineData("""{"checkin_key":""}""", "400 invalid_request")]
    [InlineData("""{"checkin_key":"ck_short"}""", "400 invalid_request")]
    [InlineData("""{"checkin_key":1}""", "400 invalid_request")]
    [InlineData("""{"checkin_nonce":"short"}""", "400 invalid_request")]
    [InlineData("""{"checkin_key":"ck_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""", Clone)]
    public async Task A_key_that_is_none_is_a_mistake_and_one_of_nobodys_an_alarm(string body, string outcome)
    {
        var agent = TestAgent.Of((await RegisteredAsync()).Registered);
        (await host.PostAsAsync(agent.Token, "/checkin", body)).Outcome.Should().Be(outcome);
        (await agent.CheckInAsync(host)).Answer.Outcome.Should().Be(outcome == Clone ? Clone : "200");
    }

    [Fact]
    public async Task A_server_without_a_ratchet_brings_no_key_and_one_that_comes_is_not_looked_at()
    {
        var install = await host.ActivatedAsync();
        var server = await install.RegisteredAsync();
        foreach (object body in (object[])[new { }, new { checkin_key = "ck_" + new string('A', 43), checkin_nonce = new string('a', 32) }])
            (await host.PostAsAsync(server.Token, "/checkin", body)).ShouldBe(200, $$"""{"status":"ok","server_id":"{{server.Id}}","checkin_interval_seconds":300,"server_time":"<text>"}""");
    }

    [Fact]
    public async Task To_register_again_begins_a_new_ratchet()
    {
        var (install, registered) = await RegisteredAsync();
        var old = TestAgent.Of(registered);
        (old, _) = await old.CheckInAsync(host);
        var anew = TestAgent.Of(await RegisterAsync(install));
        (await anew.CheckInAsync(host)).Answer.Outcome.Should().Be("200");
        (await old.CheckInAsync(host)).Answer.Outcome.Should().Be("401 invalid_token");
    }

    [Fact]
    public async Task No_key_is_in_the_database()
    {
        await using var own = await TestHost.StartAsync();
        var install = await own.ActivatedAsync();
        var body = install.RegisterBody();
        body["ratchet"] = true;
        var agent = TestAgent.Of(await own.PostAsync("/register", body.ToJsonString()));
        for (int i = 0; i < 3; i++)
        {
            string key = agent.Key!;
            (agent, _) = await agent.CheckInAsync(own);
            own.Everything().Should().NotContain(key).And.NotContain(agent.Key).And.NotContain(agent.Token);
        }
    }

    private async Task<(Install Install, Answer Registered)> RegisteredAsync()
    {
        var install = await host.ActivatedAsync();
        return (install, await RegisterAsync(install));
    }

    private Task<Answer> RegisterAsync(Install install)
    {
        var body = install.RegisterBody();
        body["ratchet"] = true;
        return host.PostAsync("/register", body.ToJsonString());
    }
}
