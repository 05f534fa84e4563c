using TokenServer.Audit;
using TokenServer.Keys;
using TokenServer.Storage;
using TokenServer.Tests.Contract;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Console;

/// <summary>Sessions, installs, servers, keys and the audit trail in the console, and what its first page counts.</summary>
public sealed class ConsoleListTests
{
    [Fact]
    public async Task Sessions_are_found_and_ended()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string token = (await server.SignInAsync(user: "bob"))["access_token"]!, sid = Jwt.Claims(token).Text("sid"), bob = server.IdOf("bob").ToString();
        foreach (string query in new[] { "", "user=" + bob, "client=web", "status=active", "from=2026-11-21T11:00", "user=" + bob + "&client=web&status=active&to=2026-11-22T00:00" })
            (await john.GetAsync("/admin/sessions?" + query)).Body.Should().Contain(sid, query);
        foreach (string query in new[] { "user=999999999999", "client=other", "status=ended", "from=2026-11-22T00:00", "to=2026-11-20T00:00" })
            (await john.GetAsync("/admin/sessions?" + query)).Body.Should().NotContain(sid, query);
        (await john.GetAsync("/admin/sessions?from=soon")).ShouldSay(400, "From must be a time, for example 2026-03-31T12:05.");
        (await john.GetAsync("/admin/sessions/" + sid)).Body.Should().Contain(">bob<");
        (await john.GetAsync($"/admin/sessions/{sid}/end")).Radius().Should().Be("1 1 0 0 0");
        (await john.SubmitAsync($"/admin/sessions/{sid}/end")).ShouldGoTo("/admin/sessions", "SessionEnded");
        server.ShouldHaveAudited("session.ended", sid);
        (await server.IsActiveAsync(token)).Should().BeFalse();
        (await john.GetAsync($"/admin/sessions/{sid}/end")).Radius().Should().Be("0 0 0 0 0");
        (await john.GetAsync("/admin/sessions?status=ended")).Body.Should().Contain(sid);
    }

    [Fact]
    public async Task A_code_is_revoked_with_what_hangs_on_it_and_a_confirmed_one_is_not()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        var (done, confirmed) = await server.InstallAsync();
        var (open, code) = await server.InstallAsync(Installation.Register);
        (await john.GetAsync("/admin/installs")).Body.Should().Contain($"/admin/installs/codes/{code}/revoke").And.NotContain($"/admin/installs/codes/{confirmed}/revoke");
        (await john.GetAsync("/admin/installs/activations?status=confirmed")).Body.Should().Contain(done.ActivationId).And.NotContain(open.ActivationId);
        (await john.GetAsync($"/admin/installs/codes/{code}/revoke")).Radius().Should().Be("0 0 0 0 1");
        (await john.SubmitAsync($"/admin/installs/codes/{code}/revoke")).ShouldGoTo("/admin/installs", "CodeRevoked");
        server.ShouldHaveAudited("install_code.revoked", code.ToString());
        server.ShouldHaveAudited("server.revoked", open.ServerId);
        (await open.DoAsync(Installation.CheckIn)).Status.Should().NotBe(200);
        (await john.PostAsync($"/admin/installs/codes/{confirmed}/revoke")).ShouldSay(409, "Nothing was done: the code was confirmed or has expired; revoke its server instead.");
        (await done.DoAsync(Installation.CheckIn)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_server_is_revoked()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        var (install, _) = await server.InstallAsync();
        (await john.GetAsync("/admin/servers?status=active")).Body.Should().Contain(install.ServerId).And.Contain(">online<");
        (await john.GetAsync($"/admin/servers/{install.ServerId}/revoke")).Radius().Should().Be("0 0 0 0 1");
        (await john.SubmitAsync($"/admin/servers/{install.ServerId}/revoke")).ShouldGoTo("/admin/servers", "ServerRevoked");
        server.ShouldHaveAudited("server.revoked", install.ServerId);
        (await install.DoAsync(Installation.CheckIn)).Status.Should().NotBe(200);
        (await john.GetAsync("/admin/servers?status=active")).Body.Should().NotContain(install.ServerId);
    }

    [Fact]
    public async Task Of_two_servers_it_is_settled_which_goes_on()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        (await john.GetAsync("/admin")).Body.Should().NotContain("may be two");
        var one = await Installs.CloneTests.SuspectedAsync(server);
        (await john.GetAsync("/admin")).Body.Should().Contain("may be two").And.Contain("/admin/servers?status=clone_suspected");
        string page = $"/admin/servers/{one.ServerId}/resolve";
        (await john.GetAsync("/admin/servers?status=clone_suspected")).Body.Should().Contain(">clone suspected<").And.Contain(page);
        (await john.SubmitAsync(page)).ShouldSay(400, "Say which goes on.");
        (await john.SubmitAsync(page, ("action", "rekey"))).ShouldGoTo("/admin/servers", "ServerMayRekey");
        server.ShouldHaveAudited("server.clone_resolved", one.ServerId, "rekey");
        (await john.GetAsync("/admin/servers")).Body.Should().Contain("may register anew");
        (await server.CallAsync("POST", "/register", body: new
        {
            receipt = one.Receipt, machine_id = one.MachineId, ssh_fingerprint = one.SshFingerprint, hostname = one.Hostname, public_ip = one.PublicIp, agent_version = "1.0",
        })).Status.Should().Be(200);
        (await john.GetAsync("/admin/servers")).Body.Should().Contain("Settle again").And.NotContain("may register anew");
        (await john.SubmitAsync(page, ("action", "rekey"))).ShouldGoTo("/admin/servers", "ServerMayRekey");
        (await john.SubmitAsync(page, ("action", "revoke"))).ShouldGoTo("/admin/servers", "ServerRevoked");
        (await john.SubmitAsync(page, ("action", "revoke"))).ShouldSay(409, "Nothing was done: there is no clone of this server to settle.");
        var other = await Installs.CloneTests.SuspectedAsync(server);
        (await john.SubmitAsync($"/admin/servers/{other.ServerId}/resolve", ("action", "revoke"))).ShouldGoTo("/admin/servers", "ServerRevoked");
        (await other.DoAsync(Installation.CheckIn)).Status.Should().Be(401);
        (await john.PostAsync("/admin/servers/srv_0000000000000000/resolve", ("action", "rekey"))).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_receipt_is_shown_and_downloaded_and_reasons_are_counted()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        var (install, _) = await server.InstallAsync();
        string page = $"/admin/installs/activations/{install.ActivationId}/receipt";
        (await john.GetAsync("/admin/installs/activations")).Body.Should().Contain($"href=\"{page}\"").And.NotContain("Why installs were given up");
        (await john.GetAsync(page)).Body.Should().Contain(install.Receipt).And.Contain($"<dt>hostname</dt><dd>{install.Hostname}</dd>").And.Contain($"href=\"{page}.jwt\"");
        var file = await john.GetAsync(page + ".jwt");
        (file.Status, file.Body, file.ContentHeaders.ContentType!.MediaType).Should().Be((200, install.Receipt + "\n", "application/jwt"));
        (await john.GetAsync("/admin/installs/activations/act_0000000000000000/receipt")).Status.Should().Be(404);
        for (int i = 0; i < 2; i++)
        {
            var given = await new Installation(server).UpToAsync(Installation.Activate);
            (await server.CallAsync("POST", $"{InstallRequests.Api}/install/release", body: new { activation_id = given.ActivationId, reason = "disk full <b>" })).Status.Should().Be(200);
        }
        (await john.GetAsync("/admin/installs/activations")).Body.Should().Contain("<dt>2 times</dt><dd><bdi>disk full &lt;b&gt;</bdi></dd>");
    }

    [Fact]
    public async Task Keys_are_rotated_and_replaced()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        var ring = server.Get<KeyRing>();
        string token = await server.WorkerTokenAsync();
        (await john.GetAsync("/admin/keys")).Body.Should().ContainAll(ring.Keys.Select(k => k.Key.KeyId)).And.Contain(">announced<").And.NotContain(">retiring<");
        (await john.GetAsync("/admin/keys/rotate")).Body.Should().Contain("refuse what is signed from now on", "the announced keys are new").And.Contain("name=\"sure\"");
        (await john.PostAsync("/admin/keys/rotate")).ShouldSay(400, "Nothing was done: say that you mean it by the tick.");
        ring.Keys.Should().NotContain(k => k.Phase == KeyPhase.Retiring);
        (await john.SubmitAsync("/admin/keys/rotate", ("sure", "true"))).ShouldGoTo("/admin/keys", "KeysRotated");
        server.ShouldHaveAudited("key.rotated", ring.Active("RS256").KeyId);
        (await server.IsActiveAsync(token)).Should().BeTrue();
        (await john.GetAsync("/admin/keys")).Body.Should().Contain(">retiring<");
        var (open, code) = await server.InstallAsync(Installation.Register);
        long signed = server.Get<TokenServer.Tokens.AccessTokens>().Unexpired;
        signed.Should().BePositive();
        var replacement = await john.GetAsync("/admin/keys/replace");
        replacement.Figure("Install codes").Should().Be("1");
        replacement.Figure("Access tokens that this process has signed since it started").Should().Be(signed.ToString());
        replacement.Body.Should().NotContain("<dt>Sessions</dt>").And.NotContain("<dd>0</dd>");
        (await john.SubmitAsync("/admin/keys/replace")).ShouldGoTo("/admin/keys", "KeysReplaced");
        server.ShouldHaveAudited("key.all_replaced", null);
        (await server.IsActiveAsync(token)).Should().BeFalse();
        server.Get<TokenServer.Tokens.AccessTokens>().Unexpired.Should().Be(0);
        (await john.GetAsync("/admin/keys/replace")).Body.Should().NotContain("Access tokens that this process", "nothing is left that could die");
        (await open.DoAsync(Installation.CheckIn)).Status.Should().NotBe(200, "code {0} is revoked", code);
        (await john.GetAsync("/admin/keys")).Status.Should().Be(200, "the browser's session is none of the keys'");
    }

    [Fact]
    public async Task A_rotation_that_everybody_has_been_told_of_wants_no_tick()
    {
        await using var server = await ConsoleVisits.StartAsync();
        server.Clock.Advance(TimeSpan.FromDays(1));
        using var john = await server.OpenConsoleAsync();
        (await john.GetAsync("/admin/keys/rotate")).Body.Should().Contain("Nothing dies.").And.NotContain("name=\"sure\"");
        (await john.SubmitAsync("/admin/keys/rotate")).ShouldGoTo("/admin/keys", "KeysRotated");
        (await john.GetAsync("/admin/keys/rotate")).Body.Should().Contain("name=\"sure\"");
    }

    [Fact]
    public async Task The_trail_is_found_by_anything_and_verified()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        await john.SubmitAsync("/admin/clients/worker/revoke");
        string id = server.IdOf("john").ToString();
        var found = await john.GetAsync($"/admin/audit?event=client.revoked&actor={id}&target=worker&from=2026-11-21T12:00");
        found.Body.Should().Contain("href=\"/admin/clients/worker\"").And.Contain($"href=\"/admin/users/{id}\"").And.NotContain("session.started");
        (await john.GetAsync("/admin/audit?target=other")).Body.Should().Contain("There is no such entry.");
        (await john.SubmitAsync("/admin/audit/verify")).Notice().Should().MatchRegex("^[0-9]+ entries, all as they were written\\.$");
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "Audit" SET "Target"='web' WHERE "Event"='client.revoked'"""));
        (await john.SubmitAsync("/admin/audit/verify")).Alert().Should().MatchRegex("^The trail is not as it was written: entry [0-9]+ was altered\\.$");
    }

    [Fact]
    public async Task The_first_page_counts_what_there_is_and_draws_the_day()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        await server.InstallAsync();
        var first = await john.GetAsync("/admin");
        foreach (string tile in new[] { "<b>7</b> clients", "<b>3</b> users", "0 disabled, 2 administrators", "<b>1</b> open session<", "<b>1</b> server online", "0 offline", "<b>1</b> install today", "<b>4</b> signing keys", $"<b>{server.AuditedEvents().Count}</b> audit entries" })
            first.Body.Should().Contain(tile);
        // 12:00, that is, of the first day: john came. Two hours later bob comes twice and is refused three times; a client once.
        server.Clock.Advance(TimeSpan.FromHours(2));
        for (int i = 0; i < 2; i++) await server.SignInAsync(user: "bob", scope: "openid api");
        for (int i = 0; i < 3; i++) await server.SignInAsync(user: "bob", password: "wrong");
        await server.TokenAsync("nobody", ("grant_type", "client_credentials"));
        await server.Get<Database>().WriteAsync(s =>
        {
            foreach (var (happened, hours) in new[] { ("session.started", -14), ("session.started", -30), ("install.refused", -14), ("install.refused", -14), ("client.added", -14) })
                AuditTrail.Append(s, new AuditEvent(happened, server.Clock.GetUtcNow().UtcDateTime.AddHours(hours)));
        });
        using var again = await server.OpenConsoleAsync();
        string page = (await again.GetAsync("/admin")).Body;
        page.Should().MatchRegex(Row("21 Nov, 12:00", 1, 0)).And.MatchRegex(Row("21 Nov, 14:00", 3, Refusals(server))).And.MatchRegex(Row("21 Nov, 00:00", 1, 2)).And.MatchRegex(Row("20 Nov, 15:00", 0, 0)).And.NotContain("20 Nov, 14:00");
        page.Should().Contain($"5 sign-ins and {2 + Refusals(server)} refusals from 20 Nov, 15:00 to now, UTC.").And.Contain("role=\"img\" aria-labelledby=\"chart-title chart-desc\"");
        page.Should().MatchRegex("<rect class=\"in\" x=\"231\" y=\"[0-9.]+\" width=\"4\" height=\"[0-9.]+\"");
    }

    private static int Refusals(TestServer server) => server.AuditedEvents().Count(e => e is "sign_in.failed" or "client_authentication.failed");

    private static string Row(string hour, int signIns, int refusals) => $">{hour}</time></th><td>{signIns}</td><td>{refusals}</td>";
}
