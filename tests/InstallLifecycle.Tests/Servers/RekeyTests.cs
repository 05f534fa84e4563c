using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Servers;

/// <summary>An administrator says which of two goes on (contract section 5b, "Clones").</summary>
public sealed class RekeyTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Clone = "409 clone_suspected";
    private static readonly Caller Admin = new("", "", "", TestAdministrators.Name);
    private readonly TestHost host = shared.Host;

    [Fact]
    public async Task A_rekey_brings_the_right_one_back_by_its_receipt_and_the_other_is_out()
    {
        var twice = await SuspectedAsync();
        (await RekeyAsync(twice)).ShouldFailFlatly(409, "clone_suspected");
        (await host.Lifecycle.ResolveCloneAsync(twice.Id, Admin, isRekey: true)).Should().BeTrue();
        (await twice.Agent.CheckInAsync(host)).Answer.Outcome.Should().Be(Clone, "who goes on is not yet there");
        var registered = await RekeyAsync(twice);
        registered.ShouldBe(200, $$"""{"server_id":"{{twice.Id}}","server_token":"<server token>","checkin_interval_seconds":300,"checkin_key":"<checkin key>"}""");
        var right = TestAgent.Of(registered);
        (await twice.Agent.CheckInAsync(host)).Answer.Outcome.Should().Be("401 invalid_token");
        for (int i = 0; i < 3; i++)
        {
            (right, var answer) = await right.CheckInAsync(host);
            answer.Outcome.Should().Be("200");
        }
        (await RekeyAsync(twice)).ShouldFailFlatly(409, "rekey_not_allowed");
        host.Storage.Events.Where(e => e.Target == twice.Id && e.Event.StartsWith("server.", StringComparison.Ordinal)).Select(e => e.Event)
            .Should().Equal("server.registered", "server.clone_suspected", "server.clone_resolved", "server.rekeyed");
    }

    [Fact]
    public async Task A_lost_answer_of_the_registration_is_asked_for_again_until_it_has_checked_in()
    {
        var twice = await SuspectedAsync();
        await host.Lifecycle.ResolveCloneAsync(twice.Id, Admin, isRekey: true);
        await RekeyAsync(twice);
        var again = await RekeyAsync(twice);
        again.Outcome.Should().Be("200");
        (await TestAgent.Of(again).CheckInAsync(host)).Answer.Outcome.Should().Be("200");
        (await RekeyAsync(twice)).Outcome.Should().Be("409 rekey_not_allowed");
    }

    [Fact]
    public async Task A_race_that_the_wrong_one_has_won_is_taken_back()
    {
        var twice = await SuspectedAsync();
        await host.Lifecycle.ResolveCloneAsync(twice.Id, Admin, isRekey: true);
        var (wrong, _) = await TestAgent.Of(await RekeyAsync(twice)).CheckInAsync(host);
        (await RekeyAsync(twice)).Outcome.Should().Be("409 rekey_not_allowed");
        (await host.Lifecycle.ResolveCloneAsync(twice.Id, Admin, isRekey: true)).Should().BeTrue();
        (await wrong.CheckInAsync(host)).Answer.Outcome.Should().Be(Clone, "it waits now as the right one does");
        var right = TestAgent.Of(await RekeyAsync(twice));
        (await wrong.CheckInAsync(host)).Answer.Outcome.Should().Be("401 invalid_token");
        (await right.CheckInAsync(host)).Answer.Outcome.Should().Be("200");
        (await host.Lifecycle.ResolveCloneAsync(twice.Id, Admin, isRekey: false)).Should().BeTrue();
        (await right.CheckInAsync(host)).Answer.Outcome.Should().Be("401 server_revoked");
    }

    [Fact]
    public async Task The_right_one_has_a_day_to_come()
    {
        await using var own = await TestHost.StartAsync();
        var twice = await SuspectedAsync(own);
        await own.Lifecycle.ResolveCloneAsync(twice.Id, Admin, isRekey: true);
        own.Clock.Advance(TimeSpan.FromDays(1));
        (await RekeyAsync(twice, own)).Outcome.Should().Be(Clone);
        (await own.Lifecycle.ResolveCloneAsync(twice.Id, Admin, isRekey: true)).Should().BeTrue();
        (await RekeyAsync(twice, own)).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task A_revocation_ends_both()
    {
        var twice = await SuspectedAsync();
        (await host.Lifecycle.ResolveCloneAsync(twice.Id, Admin, isRekey: false)).Should().BeTrue();
        (await twice.Agent.CheckInAsync(host)).Answer.Outcome.Should().Be("401 server_revoked");
        (await RekeyAsync(twice)).Outcome.Should().Be("401 server_revoked");
        (await host.Lifecycle.ResolveCloneAsync(twice.Id, Admin, isRekey: true)).Should().BeFalse("that is settled");
    }

    [Theory]
    [InlineData("machine_id", "409 machine_mismatch")]
    [InlineData("ssh_fingerprint", "409 machine_mismatch")]
    [InlineData("receipt", "401 receipt_invalid")]
    [InlineData("another's receipt", "409 machine_mismatch")]
    [InlineData("a forged receipt", "401 receipt_invalid")]
    [InlineData("no receipt", "401 receipt_invalid")]
    public async Task Nobody_else_is_let_in(string what, string outcome)
    {
        var twice = await SuspectedAsync();
        var other = await SuspectedAsync();
        await host.Lifecycle.ResolveCloneAsync(twice.Id, Admin, isRekey: true);
        await host.Lifecycle.ResolveCloneAsync(other.Id, Admin, isRekey: true);
        var body = twice.Body();
        if (what == "machine_id") body[what] = TestMachine.Any().MachineId;
        else if (what == "ssh_fingerprint") body[what] = TestMachine.Any().SshFingerprint;
        else body["receipt"] = what switch
        {
            "receipt" => twice.Receipt[..^4] + "AAAA",
            "another's receipt" => other.Receipt,
            // By the right key, as one that has it could.
            "a forged receipt" => host.Receipts.Forge(Install.Claims(twice.Receipt).GetRawText()),
            _ => "e30.e30.e30",
        };
        (await host.PostAsync("/register", body.ToJsonString())).Outcome.Should().Be(outcome);
        (await RekeyAsync(twice)).Outcome.Should().Be("200");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("a.b.c")]
    [InlineData("e30.eyJqdGkiOjF9.e30")]
    [InlineData("e30.eyJqdGkiOiJhY3RfXHUwMDAwMDAwMDAwMDAwMDAwMDAwIn0.e30")]
    [InlineData("e30.W10.e30")]
    public async Task What_is_no_receipt_is_none(string receipt)
    {
        var body = (await host.ActivatedAsync()).RegisterBody();
        body.Remove("install_token");
        body["receipt"] = receipt;
        (await host.PostAsync("/register", body.ToJsonString())).ShouldFailFlatly(401, "receipt_invalid");
    }

    [Fact]
    public async Task There_is_nothing_to_settle_where_there_is_one()
    {
        var server = await (await host.ActivatedAsync()).RegisteredAsync();
        (await host.Lifecycle.ResolveCloneAsync(server.Id, Admin, isRekey: true)).Should().BeFalse();
        (await host.Lifecycle.ResolveCloneAsync(server.Id, Admin, isRekey: false)).Should().BeFalse();
        (await host.PostAsAsync(server.Token, "/checkin")).Outcome.Should().Be("200");
        (await host.Lifecycle.ResolveCloneAsync("srv_0000000000000000", Admin, isRekey: true)).Should().BeNull();
    }

    private Task<Twice> SuspectedAsync() => SuspectedAsync(host);

    // An install whose machine was copied, and both have shown that.
    private static async Task<Twice> SuspectedAsync(TestHost host)
    {
        var install = await host.ActivatedAsync();
        var body = install.RegisterBody();
        body["ratchet"] = true;
        var registered = await host.PostAsync("/register", body.ToJsonString());
        string receipt = (await install.ConfirmAsync()).Text("receipt");
        var agent = TestAgent.Of(registered);
        var copy = agent.Copy();
        (agent, _) = await agent.CheckInAsync(host);
        (await copy.CheckInAsync(host)).Answer.Outcome.Should().Be(Clone);
        return new(install, registered.Json.Text("server_id"), receipt, agent);
    }

    private Task<Answer> RekeyAsync(Twice twice, TestHost? other = null) => (other ?? host).PostAsync("/register", twice.Body().ToJsonString());

    private sealed record Twice(Install Install, string Id, string Receipt, TestAgent Agent)
    {
        public System.Text.Json.Nodes.JsonObject Body()
        {
            var body = Install.RegisterBody();
            body.Remove("install_token");
            body["receipt"] = Receipt;
            return body;
        }
    }
}
