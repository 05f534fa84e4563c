using InstallLifecycle.Servers;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Servers;

/// <summary>Servers: registered, checking in, revoked (contract section 5, "Main stack").</summary>
public sealed class ServerTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string BadToken = "401 invalid_token", Dead = "401 server_revoked";
    private readonly TestHost host = shared.Host;

    [Fact]
    public async Task To_register_again_gives_a_new_token_and_the_old_one_is_dead()
    {
        var install = await host.ActivatedAsync();
        var first = await install.RegisteredAsync();
        var again = await install.RegisterAsync();
        again.ShouldBe(200, """{"server_id":"<server>","server_token":"<server token>","checkin_interval_seconds":300}""");
        again.Json.Text("server_id").Should().Be(first.Id);
        (await host.PostAsAsync(first.Token, "/checkin")).Outcome.Should().Be(BadToken);
        (await host.PostAsAsync(again.Json.Text("server_token"), "/checkin")).Outcome.Should().Be("200");
    }

    [Theory]
    [InlineData("machine_id")]
    [InlineData("ssh_fingerprint")]
    [InlineData("hostname")]
    [InlineData("public_ip")]
    public async Task A_server_that_is_not_the_activations_is_refused(string field)
    {
        var install = await host.ActivatedAsync();
        var body = install.RegisterBody();
        var other = TestMachine.Any();
        body[field] = field switch { "machine_id" => other.MachineId, "ssh_fingerprint" => other.SshFingerprint, "hostname" => "ns2.example.com", _ => "1.2.3.5" };
        (await host.PostAsync("/register", body.ToJsonString())).ShouldFailFlatly(409, "machine_mismatch");
    }

    [Fact]
    public async Task Its_fields_are_taken_in_any_spelling()
    {
        var install = await host.ActivatedAsync();
        (await install.RegisterAsync(install.Machine with { MachineId = $"{install.Machine.MachineId.ToUpperInvariant()}\n", Hostname = "NS1.EXAMPLE.COM", PublicIp = "::ffff:1.2.3.4" })).Outcome.Should().Be("201");
    }

    [Theory]
    [InlineData("ns1.example.com.", "NS1.example.com", "ns1.EXAMPLE.com.", "ns1.example.com")]
    [InlineData("xn--bcher-kva.example", "XN--BCHER-KVA.example.", "xn--bcher-KVA.Example", "xn--bcher-kva.example")]
    [InlineData("A.B.", "a.b", "a.B.", "a.b")]
    public async Task A_host_is_one_at_every_step_however_it_is_spelled(string activated, string again, string registered, string stored)
    {
        var install = await host.PrecheckedAsync();
        var first = await install.ActivateAsync(install.Machine with { Hostname = activated });
        first.Outcome.Should().Be("200");
        var second = await install.ActivateAsync(install.Machine with { Hostname = again });
        second.Json.GetProperty("data").Text("activation_id").Should().Be(first.Json.GetProperty("data").Text("activation_id"));
        string token = first.Json.GetProperty("data").Text("install_token");
        var server = await install.RegisterAsync(install.Machine with { Hostname = registered }, token);
        server.Outcome.Should().Be("201");
        string id = server.Json.Text("server_id");
        host.Storage.Read(db => db.Activations.Where(a => a.Hostname == stored).ToList()).Should().NotBeEmpty();
        host.Storage.Read(db => db.Servers.Single(s => s.ServerId == id).Hostname).Should().Be(stored);
        (await host.PostAsAsync(server.Json.Text("server_token"), "/checkin", new { hostname = stored.ToUpperInvariant() + "." })).Outcome.Should().Be("200");
        host.Storage.Read(db => db.Servers.Single(s => s.ServerId == id).Hostname).Should().Be(stored);
    }

    [Theory]
    [InlineData("confirm")]
    [InlineData("release")]
    [InlineData("revoke")]
    [InlineData("expire")]
    public async Task After_the_activations_end_nothing_is_registered(string end)
    {
        var install = await host.ActivatedAsync();
        if (end == "confirm") await install.ConfirmedAsync();
        if (end == "release") await install.ReleasedAsync();
        if (end == "revoke") await install.RevokedAsync();
        if (end == "expire") host.Clock.AdvanceMinutes(10);
        var refused = await install.RegisterAsync();
        refused.ShouldFailFlatly(401, "install_token_invalid");
        refused.Headers.WwwAuthenticate.ToString().Should().Be("Bearer realm=\"SlowDNS\", error=\"invalid_token\"");
    }

    [Fact]
    public async Task A_server_whose_token_was_revoked_gets_no_other()
    {
        var install = await host.ActivatedAsync();
        var server = await install.RegisteredAsync();
        await host.PostAsAsync(server.Token, "/revoke");
        (await install.RegisterAsync()).Status.Should().Be(401);
        (await host.PostAsAsync(server.Token, "/checkin")).Outcome.Should().Be(Dead);
    }

    [Fact]
    public async Task A_checkin_tells_what_has_changed()
    {
        var server = await (await host.ActivatedAsync()).RegisteredAsync();
        (await host.PostAsAsync(server.Token, "/checkin", new { hostname = "NS9.example.com", public_ip = "2001:DB8::9", agent_version = "2.0" })).Outcome.Should().Be("200");
        var status = (await host.GetAsync("/status", server.Token)).Json;
        (status.Text("hostname"), status.Text("public_ip")).Should().Be(("ns9.example.com", "2001:db8::9"));
        Version(server.Id).Should().Be("2.0");
    }

    [Theory]
    [InlineData("hostname", "ns9.example.com")]
    [InlineData("public_ip", "1.2.3.9")]
    [InlineData("agent_version", "9.0")]
    public async Task A_checkin_leaves_alone_what_it_does_not_say(string field, string value)
    {
        var server = await (await host.ActivatedAsync()).RegisteredAsync();
        await host.PostAsAsync(server.Token, "/checkin", new Dictionary<string, string?> { [field] = value, [field == "hostname" ? "public_ip" : "hostname"] = null });
        var status = (await host.GetAsync("/status", server.Token)).Json;
        (status.Text("hostname"), status.Text("public_ip"), Version(server.Id)).Should().Be(
            (field == "hostname" ? value : "ns1.example.com", field == "public_ip" ? value : "1.2.3.4", field == "agent_version" ? value : "1.0.0"));
    }

    [Theory]
    [InlineData("""{"hostname":"localhost"}""")]
    [InlineData("""{"hostname":""}""")]
    [InlineData("""{"hostname":1}""")]
    [InlineData("""{"public_ip":"10.0.0.1"}""")]
    [InlineData("""{"public_ip":"1.2.3.4","public_ip":"1.2.3.5"}""")]
    [InlineData("""{"agent_version":"123456789012345678901234567890123"}""")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    public async Task A_bad_checkin_changes_nothing(string body)
    {
        var server = await (await host.ActivatedAsync()).RegisteredAsync();
        (await host.PostAsAsync(server.Token, "/checkin", body)).ShouldFailFlatly(400, "invalid_request");
        var status = (await host.GetAsync("/status", server.Token)).Json;
        (status.Text("hostname"), status.Text("public_ip"), status.GetProperty("last_checkin_at").ValueKind).Should().Be(("ns1.example.com", "1.2.3.4", System.Text.Json.JsonValueKind.Null));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_checkin_and_a_revocation_need_no_body_whatever_type_a_client_says_that_has(string? type)
    {
        var server = await (await host.ActivatedAsync()).RegisteredAsync();
        foreach (string path in (string[])["/checkin", "/revoke"])
        {
            var nothing = new ByteArrayContent([]);
            if (type is not null) nothing.Headers.ContentType = new(type);
            (await host.PostAsAsync(server.Token, path, nothing)).Outcome.Should().Be("200", path);
        }
    }

    [Fact]
    public async Task A_checkin_without_anything_is_one()
    {
        var server = await (await host.ActivatedAsync()).RegisteredAsync();
        (await host.PostAsAsync(server.Token, "/checkin")).Outcome.Should().Be("200");
        (await host.PostAsAsync(server.Token, "/checkin", "{}")).Outcome.Should().Be("200");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_checkin_whose_token_dies_on_its_way_is_none(bool isRevoked)
    {
        var install = await host.ActivatedAsync();
        var server = await install.RegisteredAsync();
        var servers = host.Get<InstallServers>();
        var found = servers.Find(server.Token)!;
        if (isRevoked) await host.PostAsAsync(server.Token, "/revoke");
        else await install.RegisterAsync();
        (await host.Get<CheckIns>().CheckInAsync(found, server.Token, new CheckinRequest("ns9.example.com", null, null), new Caller("", "", ""))).Error!.Code
            .Should().Be(isRevoked ? "server_revoked" : "invalid_token");
        host.Storage.Read(db => db.Servers.Single(s => s.ServerId == server.Id).Hostname).Should().Be("ns1.example.com");
    }

    public static TheoryData<string?> BadTokens() =>
    [
        null, "", "x", "st_", "st_" + new string('A', 43), "st_" + new string('A', 42), "st_" + new string('A', 44), "st_" + new string('!', 43), "ST_" + new string('A', 43), new string('A', 43), TestAdministrators.Token,
    ];

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task What_is_no_servers_token_is_refused(string? token)
    {
        (string, string)[] header = token is null ? [] : [("Authorization", $"Bearer {token}")];
        (await host.PostAsync("/checkin", null, header)).ShouldFailFlatly(401, "invalid_token");
        if (token is not null) (await host.SendAsync("GET", "/status", null, header)).ShouldFailFlatly(401, "invalid_token");
        if (token is not TestAdministrators.Token) (await host.PostAsync("/revoke", null, header)).ShouldFailFlatly(401, "invalid_token");
    }

    [Fact]
    public async Task A_token_is_refused_with_another_secret_another_server_or_another_scheme()
    {
        string one = (await (await host.ActivatedAsync()).RegisteredAsync()).Token, other = (await (await host.ActivatedAsync()).RegisteredAsync()).Token;
        // Up to its 14th character it is the row's number.
        foreach (string forged in (string[])[one[..^1] + (one[^1] == 'A' ? 'E' : 'A'), one[..14] + other[14..]])
            (await host.PostAsAsync(forged, "/checkin")).Outcome.Should().Be(BadToken);
        (await host.PostAsync("/checkin", null, ("Authorization", "Basic " + one))).Outcome.Should().Be(BadToken);
        (await host.PostAsync($"/checkin?access_token={one}", null)).Outcome.Should().Be(BadToken);
        (await host.PostAsync("/checkin", null, ("Authorization", "bearer " + one))).Outcome.Should().Be("200", "a scheme is known in any case");
    }

    [Theory]
    [InlineData(899.999, true)]
    [InlineData(900, false)]
    public async Task A_server_that_missed_three_checkins_is_offline(double seconds, bool online)
    {
        var install = await host.ActivatedAsync();
        var server = await install.RegisteredAsync();
        await install.ConfirmedAsync();
        host.Clock.AdvanceMinutes(7);
        await host.PostAsAsync(server.Token, "/checkin");
        host.Clock.Advance(TimeSpan.FromSeconds(seconds));
        (await host.GetAsync("/status", server.Token)).Json.GetProperty("online").GetBoolean().Should().Be(online);
        await host.PostAsAsync(server.Token, "/checkin");
        (await host.GetAsync("/status", server.Token)).Json.GetProperty("online").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task A_confirmed_servers_token_has_no_end()
    {
        await using var own = await TestHost.StartAsync();
        var install = await own.ActivatedAsync();
        var server = await install.RegisteredAsync();
        await install.ConfirmedAsync();
        own.Clock.Advance(TimeSpan.FromDays(1000));
        await own.Lifecycle.ExpireAsync(CancellationToken.None);
        (await own.PostAsAsync(server.Token, "/checkin")).Outcome.Should().Be("200");
    }

    [Theory]
    [InlineData("release")]
    [InlineData("revoke")]
    public async Task With_its_activation_a_server_ends(string end)
    {
        var install = await host.ActivatedAsync();
        var server = await install.RegisteredAsync();
        if (end == "release") await install.ReleasedAsync();
        else await install.RevokedAsync();
        (await host.PostAsAsync(server.Token, "/checkin")).ShouldFailFlatly(401, "server_revoked");
        (await host.GetAsync("/status", server.Token)).ShouldFailFlatly(401, "server_revoked");
    }

    [Fact]
    public async Task A_retry_registers_a_server_of_its_own()
    {
        var install = await host.ActivatedAsync();
        var first = await install.RegisteredAsync();
        await install.ReleasedAsync();
        var second = await (await (await install.PrecheckedAsync()).ActivatedAsync()).RegisteredAsync();
        second.Id.Should().NotBe(first.Id);
        (await host.PostAsAsync(first.Token, "/checkin")).Outcome.Should().Be(Dead);
        (await host.PostAsAsync(second.Token, "/checkin")).Outcome.Should().Be("200");
    }

    private string Version(string serverId) => host.Storage.Read(db => db.Servers.Single(s => s.ServerId == serverId).AgentVersion);
}
