using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>/admin/api/keys and /admin/api/audit (contract section 6).</summary>
public sealed class KeyAndAuditTests : IAsyncLifetime
{
    private AdminServer admin = null!;

    public async Task InitializeAsync() => admin = await AdminServer.StartAsync();

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Fact]
    public async Task The_keys_are_listed_with_their_phases_and_nothing_private()
    {
        var answer = await admin.DoAsync("GET /keys");
        answer.Json.Names().Should().Equal("items", "next_cursor");
        var keys = await admin.ListAsync("/keys");
        keys.Select(k => $"{k.Text("alg")} {k.Text("status")}").Should().BeEquivalentTo("ES256 active", "ES256 announced", "RS256 active", "RS256 announced");
        keys.Should().OnlyContain(k => string.Join(' ', k.Names()) == "kid alg status created_at activated_at retired_at");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    [InlineData("""{"compromised":false}""")]
    public async Task Rotating_puts_the_announced_keys_to_work_and_old_tokens_stay_good(string? body)
    {
        string token = await admin.Server.WorkerTokenAsync();
        var announced = (await admin.ListAsync("/keys")).Where(k => k.Text("status") == "announced").Select(k => k.Text("kid"));
        await admin.DoAsync("POST /keys/rotate", body);
        var keys = await admin.ListAsync("/keys");
        keys.Where(k => k.Text("status") == "active").Select(k => k.Text("kid")).Should().BeEquivalentTo(announced);
        keys.Count(k => k.Text("status") == "retiring").Should().Be(2);
        (await admin.Server.IsActiveAsync(token)).Should().BeTrue();
        string next = await admin.Server.WorkerTokenAsync();
        announced.Should().Contain(Jwt.Header(next).Text("kid"));
        (await admin.Server.IsSignedByPublishedKeyAsync(token)).Should().BeTrue();
    }

    [Fact]
    public async Task After_a_compromise_every_signed_token_is_dead_the_administrators_too()
    {
        var install = await Installation.RegisteredAsync(admin.Server);
        string token = await admin.Server.WorkerTokenAsync();
        await admin.DoAsync("POST /keys/rotate", """{"compromised":true}""");
        (await admin.Server.IsActiveAsync(token)).Should().BeFalse();
        (await admin.CallAsync("GET /keys")).ShouldBeProblem(401, "invalid_token");
        var again = await AdminServer.OfAsync(admin.Server);
        (await again.ListAsync("/keys")).Should().HaveCount(4);
        (await again.DoAsync("POST /tokens/revoke", new { token = install.InstallToken }))["revoked"].Should().Be("False");
        (await again.ListAsync("/audit?event=key.all_replaced", "actor")).Should().Equal("robot");
    }

    [Theory]
    [InlineData("""{"compromised":null}""")]
    [InlineData("""{"compromised":"true"}""")]
    [InlineData("""{"compromized":true}""")]
    [InlineData("""true""")]
    public async Task A_rotation_that_makes_no_sense_rotates_nothing(string body)
    {
        string before = (await admin.DoAsync("GET /keys")).Body;
        (await admin.CallAsync("POST /keys/rotate", body)).ShouldBeProblem(400);
        (await admin.DoAsync("GET /keys")).Body.Should().Be(before);
    }

    [Fact]
    public async Task Audit_entries_are_found_by_event_actor_target_client_and_time_alone_and_together()
    {
        await admin.Server.SignInAsync("web", "bob");
        await admin.Server.SignInAsync("web", "bob", password: "wrong");
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(30));
        await admin.Server.SignInAsync("other", "bob");
        await admin.DoAsync("POST /clients/web/revoke");
        string bob = admin.IdOf("bob").ToString();
        (await admin.ListAsync("/audit", "event")).Take(2).Should().Equal("client.revoked", "session.started");
        (await admin.ListAsync("/audit?event=session.started", "client_id")).Should().Equal("other", "web");
        (await admin.ListAsync("/audit?actor=robot", "event")).Should().Equal("client.revoked");
        (await admin.ListAsync("/audit?target=web&event=client.revoked", "actor")).Should().Equal("robot");
        (await admin.ListAsync($"/audit?actor={bob}&client_id=web", "event")).Should().Equal("session.started");
        (await admin.ListAsync("/audit?from=2026-11-21T12:30:00Z", "event")).Should().Equal("client.revoked", "session.started");
        (await admin.ListAsync("/audit?from=2026-11-21T12:00:00Z&to=2026-11-21T12:30:00Z&event=session.started", "client_id")).Should().Equal("web");
        (await admin.ListAsync("/audit?from=2026-11-21T12:30:00.001Z")).Should().BeEmpty();
        (await admin.ListAsync("/audit?to=2001-01-01")).Should().BeEmpty();
        (await admin.ListAsync("/audit?actor=%27%20OR%201=1--")).Should().BeEmpty();
        (await admin.ListAsync("/audit?actor=%00%F0%9F%98%80")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_clock_that_went_back_hides_no_entry_from_a_span_of_time()
    {
        await admin.Server.SignInAsync("web", "bob");
        admin.Server.Clock.Advance(TimeSpan.FromHours(-1));
        admin = await AdminServer.OfAsync(admin.Server);
        await admin.Server.SignInAsync("web", "bob");
        (await admin.ListAsync("/audit?event=session.started&from=2026-11-21T12:00:00Z&to=2026-11-21T12:00:01Z", "time")).Should().Equal("2026-11-21T12:00:00.000Z");
        (await admin.ListAsync("/audit?event=session.started&from=2026-11-21T11:00:00Z&to=2026-11-21T11:00:01Z", "time")).Should().Equal("2026-11-21T11:00:00.000Z");
        (await admin.ListAsync("/audit?event=session.started&from=2026-11-21T10:00:00Z&to=2026-11-21T13:00:00Z")).Should().HaveCount(2);
    }

    [Fact]
    public async Task An_entry_shows_its_place_in_the_chain()
    {
        await admin.DoAsync("POST /clients/web/revoke");
        var entries = await admin.ListAsync("/audit?limit=2");
        entries[0].Text("previous").Should().Be(entries[1].Text("hash"));
        entries[0].Number("id").Should().Be(entries[1].Number("id") + 1);
    }
}
