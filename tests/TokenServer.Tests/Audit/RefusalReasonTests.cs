using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Audit;

/// <summary>Every refusal leaves an entry that says why, which no stranger is told, and a flood of them leaves few (docs/decisions/0039).</summary>
public sealed class RefusalReasonTests
{
    private const string WrongPassword = """{"error":"invalid_grant","error_description":"user name or password is wrong"}""";

    [Fact]
    public async Task A_sign_in_says_in_the_trail_why_it_was_refused_and_the_same_to_everybody()
    {
        await using var server = await TestServer.StartAsync(["--Accounts:LockoutFailures=2"]);
        string bob = server.Get<TokenServer.Accounts.UserAccounts>().FindByLogin("bob")!.Subject, john = "2";
        (await server.SignInAsync(user: "bob", password: "wrong")).Body.Should().Be(WrongPassword);
        (await server.SignInAsync(user: "nobody", password: "wrong")).Body.Should().Be(WrongPassword);
        await server.SignInAsync(user: "bob", password: "wrong");
        (await server.SignInAsync(user: "bob")).Body.Should().Be(WrongPassword);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        await server.Get<TokenServer.Accounts.UserAccounts>().DisableAsync(server.Get<TokenServer.Accounts.UserAccounts>().FindByLogin("bob")!, "test");
        (await server.SignInAsync(user: "bob")).Body.Should().Be(WrongPassword);
        string temp = (await server.SignInAsync(user: "john"))["temp_token"]!, code = server.TotpCode();
        await server.SecondFactorAsync(temp, "000000");
        (await server.SecondFactorAsync(temp, code)).Status.Should().Be(200);
        await server.SecondFactorAsync(temp, code);
        await server.SecondFactorAsync((await server.SignInAsync(user: "john"))["temp_token"]!, code);
        await server.TokenAsync(null, ("grant_type", "password"), ("client_id", "plain"), ("client_secret", TestImport.Secret), ("username", "john"), ("password", TestImport.Password), ("scope", "openid api"));
        await server.SignInAsync(user: "john", scope: "openid admin");
        Refusals(server).Should().Equal(
            $"sign_in.failed wrong_password {bob} web", "sign_in.failed unknown_user  web", $"sign_in.failed wrong_password {bob} web", $"sign_in.refused locked {bob} web",
            $"sign_in.refused disabled {bob} web", $"second_factor.failed wrong_code {john} web", "sign_in.refused invalid_temp_token  web",
            $"second_factor.failed code_replayed {john} web", $"sign_in.refused second_factor_not_possible {john} plain", $"sign_in.refused scope_not_allowed {john} web");
    }

    [Fact]
    public async Task A_client_says_in_the_trail_why_it_was_refused_and_the_same_to_everybody()
    {
        await using var server = await TestServer.StartAsync();
        (string, string) grant = ("grant_type", "client_credentials");
        await server.Get<ClientRegistry>().RevokeAsync("opaque", "test");
        string[] said = [(await server.TokenAsync("nobody", grant)).Body, (await server.TokenAsync("opaque", grant)).Body,
            (await server.TokenAsync(null, grant, ("client_id", "worker"), ("client_secret", "wrong"))).Body, (await server.TokenAsync(null, grant, ("client_id", "worker"))).Body];
        said.Distinct().Should().ContainSingle().Which.Should().Contain("invalid_client");
        await server.TokenAsync("web", grant);
        await server.TokenAsync("worker", grant, ("scope", "openid"));
        await server.TokenAsync("worker", grant, ("scope", "nothing-like-it"));
        await server.TokenAsync("web", ("grant_type", "refresh_token"), ("refresh_token", "rt_what somebody typed"));
        Refusals(server).Should().Equal(
            "client_authentication.failed unknown_client  ", "client_authentication.failed client_revoked  opaque", "client_authentication.failed wrong_secret  worker",
            "client_authentication.failed wrong_method  worker", "grant.refused grant_not_allowed  web", "grant.refused scope_not_allowed  worker",
            "grant.refused scope_not_allowed  worker", "grant.refused invalid_grant  web");
        server.Get<AuditLog>().Export().Select(e => e.Said.ToString()).Should().NotContain(e => e.Contains("typed") || e.Contains("nothing-like-it") || e.Contains(TestImport.Secret));
    }

    [Fact]
    public async Task A_token_that_is_used_twice_is_one_refusal_with_its_reason()
    {
        await using var server = await TestServer.StartAsync();
        string token = (await server.SignInAsync(user: "bob"))["refresh_token"]!;
        await server.RefreshAsync(token);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        await server.RefreshAsync(token);
        Refusals(server).Should().HaveCount(1).And.OnlyContain(r => r.StartsWith("refresh_token.reused token_replayed"));
        Found(server, new AuditFilter { Reason = "token_replayed" }).Should().Equal("refresh_token.reused");
        Found(server, new AuditFilter { Reason = "token" }).Should().BeEmpty("a reason is one word, whole");
    }

    [Fact]
    public async Task A_flood_of_refusals_leaves_thirty_entries_of_an_address_a_minute()
    {
        await using var server = await TestServer.StartAsync();
        for (int i = 0; i < 40; i++) (await server.TokenAsync("web", ("grant_type", "client_credentials")))["error"].Should().Be("unauthorized_client");
        var said = server.Get<AuditLog>().Export().Where(e => e.Said.Event == "grant.refused").Select(e => e.Said.Detail).ToList();
        said.Should().HaveCount(30).And.EndWith("grant_not_allowed; more refusals of this address within a minute are not recorded");
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await server.TokenAsync("web", ("grant_type", "client_credentials"));
        Refusals(server).Should().HaveCount(31);
        server.Get<AuditLog>().CountByReason(DateTime.MinValue, DateTime.MaxValue).Should().Equal(new ReasonCount("grant_not_allowed", 31));
        Found(server, new AuditFilter { Reason = "grant_not_allowed" }).Should().HaveCount(31, "the one that says that more may follow is one of them");
    }

    [Fact]
    public async Task What_was_refused_for_a_reason_is_found_by_it_whatever_else_is_asked_for()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<Database>().WriteAsync(s =>
        {
            foreach (var (happened, target, detail) in new (string, string?, string?)[]
            {
                ("sign_in.refused", "1", "locked"), ("second_factor.failed", "1", "locked"), ("account.disabled", "1", "locked"), ("install.refused", null, "activate: locked"),
                ("install.refused", null, "precheck: locked; more refusals within a minute are not recorded"), ("install.refused", null, "activate: locked_out"),
                ("pin.failed", null, null), ("sign_in.failed", "2", null), ("code.reused", "s", null), ("session.ended", "s", null),
            })
                AuditTrail.Append(s, new AuditEvent(happened, server.Clock.GetUtcNow().UtcDateTime) { Target = target, Detail = detail });
        });
        Found(server, new AuditFilter { Reason = "locked" }).Should().Equal("install.refused", "install.refused", "second_factor.failed", "sign_in.refused");
        Found(server, new AuditFilter { Reason = "locked", Events = AuditGroups.Of("installs") }).Should().Equal("install.refused", "install.refused");
        Found(server, new AuditFilter("second_factor.failed") { Reason = "locked" }).Should().Equal("second_factor.failed");
        Found(server, new AuditFilter("account.disabled") { Reason = "locked" }).Should().BeEmpty();
        Found(server, new AuditFilter(Target: "1") { Reason = "locked" }).Should().Equal("second_factor.failed", "sign_in.refused");
        Found(server, new AuditFilter { Reason = "not_recorded" }).Should().Equal("sign_in.failed");
        Found(server, new AuditFilter(Target: "2") { Reason = "not_recorded" }).Should().Equal("sign_in.failed");
        Found(server, new AuditFilter { Reason = "wrong_pin" }).Should().Equal("pin.failed");
        Found(server, new AuditFilter { Reason = "code_replayed" }).Should().Equal("code.reused");
        Found(server, new AuditFilter { Reason = "nothing" }).Should().BeEmpty();
        Found(server, new AuditFilter(Target: "1") { Reason = "nothing" }).Should().BeEmpty();
    }

    [Fact]
    public void Every_event_has_a_group_and_the_indexes_of_refusals_are_of_all_refusals()
    {
        AuditReason.Condition.Should().Be($"\"Event\" IN ({string.Join(", ", AuditReason.Events.Select(e => $"'{e}'"))})");
        AuditGroups.Of(AuditGroups.Refusals).Should().Equal(AuditReason.Events);
        var events = Sources().SelectMany(text => System.Text.RegularExpressions.Regex.Matches(text, "new (?:AuditEvent|InstallEvent)\\(\\s*(?:\\w+ \\? )?((?:\"[a-z_]+\\.[a-z_]+\"(?: : )?)+)"))
            .SelectMany(m => System.Text.RegularExpressions.Regex.Matches(m.Groups[1].Value, "[a-z_]+\\.[a-z_]+")).Select(m => m.Value).Distinct();
        events.Should().Contain(["session.started", "activation.activated"]).And.BeSubsetOf(AuditGroups.Events);
    }

    private static IEnumerable<string> Sources() => ((string[])["TokenServer", "InstallLifecycle"])
        .SelectMany(project => Directory.GetFiles(Architecture.ArchitectureTests.Source(project), "*.cs", SearchOption.AllDirectories))
        .Where(Architecture.ArchitectureTests.IsOurs).Select(File.ReadAllText);

    private static List<string> Found(TestServer server, AuditFilter filter) => [.. server.Get<AuditLog>().List(filter, null, 100).Select(e => e.Said.Event)];

    // Event, reason, target, client.
    private static List<string> Refusals(TestServer server) => [.. server.Get<AuditLog>().Export().Select(e => e.Said).Where(e => AuditReason.Events.Contains(e.Event))
        .Select(e => $"{e.Event} {AuditReason.Of(e.Event, e.Detail)} {e.Target} {e.ClientId}")];
}
