using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>/admin/api/sessions: list by client, user, status and time; end (contract section 6).</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private AdminServer admin = null!;

    public async Task InitializeAsync() => admin = await AdminServer.StartAsync();

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Fact]
    public async Task A_session_shows_whose_it_is_at_which_client_since_when()
    {
        string id = Sid(await admin.Server.SignInAsync(user: "bob"));
        var session = (await admin.ListAsync("/sessions")).Single();
        session.GetRawText().Should().Be($$"""
            {"id":"{{id}}","user_id":{{admin.IdOf("bob")}},"username":"bob","client_id":"web","device_name":null,"scope":"openid offline_access api","status":"active","refreshable":true,"started_at":"2026-11-21T12:00:00Z","address":"127.0.0.1"}
            """.Trim());
    }

    [Fact]
    public async Task Sessions_are_found_by_client_user_status_and_time_alone_and_together()
    {
        string first = Sid(await admin.Server.SignInAsync("web", "bob"));
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(10));
        string second = Sid(await admin.Server.SignInAsync("other", "bob")), third = Sid(await admin.Server.SignInAsync("web", "jane"));
        await admin.DoAsync("DELETE /sessions/" + second);
        int bob = admin.IdOf("bob");
        (string Query, string[] Found)[] cases =
        [
            ("", [third, second, first]), ("?client_id=web", [third, first]), ("?client_id=nobody", []), ($"?user_id={bob}", [second, first]), ("?user_id=99", []),
            ("?status=active", [third, first]), ("?status=ended", [second]), ("?from=2026-11-21T12:10:00Z", [third, second]), ("?to=2026-11-21T12:10:00Z", [first]),
            ("?from=2026-11-21T12:00:00Z&to=2026-11-21T12:00:00.001Z", [first]), ("?from=2026-11-21T14:10:00%2B02:00", [third, second]),
            ($"?user_id={bob}&client_id=web&status=active&to=2026-11-21T12:05:00Z", [first]), ($"?user_id={bob}&status=ended&client_id=other", [second]), ("?from=2001-01-01&to=2001-01-02", []), ("?to=9999-12-31T23:59:59Z", [third, second, first]), ("?from=9999-12-31", []),
        ];
        foreach (var (query, found) in cases) (await admin.ListAsync("/sessions" + query, "id")).Should().Equal(found, query);
        (await admin.ListAsync($"/users/{bob}/sessions", "id")).Should().Equal(second, first);
        (await admin.ListAsync($"/users/{bob}/sessions?status=active", "id")).Should().Equal(first);
    }

    [Theory]
    [InlineData("?status=alive")]
    [InlineData("?user_id=bob")]
    [InlineData("?user_id=-1")]
    [InlineData("?user_id=99999999999")]
    [InlineData("?from=yesterday")]
    [InlineData("?to=2026-13-01")]
    [InlineData("?username=bob")]
    public async Task A_filter_that_makes_no_sense_is_refused(string query) => (await admin.CallAsync("GET /sessions" + query)).ShouldBeProblem(400);

    [Fact]
    public async Task An_ended_session_is_dead_everywhere_before_the_answer_and_its_neighbour_lives()
    {
        var ended = await admin.Server.SignInAsync(user: "bob");
        var other = await admin.Server.SignInAsync(user: "bob");
        await admin.DoAsync("DELETE /sessions/" + Sid(ended));
        (await admin.Server.IsActiveAsync(ended["access_token"]!)).Should().BeFalse();
        (await admin.Server.RefreshAsync(ended["refresh_token"]!))["error"].Should().Be("invalid_grant");
        (await admin.Server.CallAsync("GET", "/auth/me", ended["access_token"])).Status.Should().Be(401);
        (await admin.Server.IsActiveAsync(other["access_token"]!)).Should().BeTrue();
    }

    [Fact]
    public async Task A_session_of_a_face_is_ended_like_any_other()
    {
        string token = await ((Door)Door.InTunnel).TokenAsync(admin.Server);
        await admin.DoAsync("DELETE /sessions/" + Jwt.Claims(token).Text("sid"));
        (await admin.Server.IsGoodEverywhereAsync(token)).Should().BeFalse();
    }

    [Fact]
    public async Task Ending_a_session_again_succeeds_with_nothing_left_to_end()
    {
        string id = Sid(await admin.Server.SignInAsync(user: "bob"));
        AdminServer.Figures(await admin.DoAsync("DELETE /sessions/" + id)).Should().Equal(1, 1, 0, 0, 0);
        AdminServer.Figures(await admin.DoAsync("DELETE /sessions/" + id)).Should().Equal(0, 0, 0, 0, 0);
        admin.Server.AuditedEvents().Count(e => e == "session.ended").Should().Be(1);
        var entry = await admin.LastEntryAsync();
        (entry.Text("event"), entry.Text("actor"), entry.Text("target"), entry.Text("address")).Should().Be(("session.ended", "robot", id, "127.0.0.1"));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("zzzzzzzzzzzzz")]
    [InlineData("../clients")]
    [InlineData("0000000000000000000000")]
    [InlineData("%00")]
    public async Task What_is_no_session_id_is_404_or_no_request(string id) => (await admin.Server.CallAsync("DELETE", "/admin/api/sessions/" + Uri.EscapeDataString(id), admin.Token)).Status.Should().BeOneOf(404, 400);

    private static string Sid(Answer answer) => Jwt.Claims(answer["access_token"]!).Text("sid");
}
