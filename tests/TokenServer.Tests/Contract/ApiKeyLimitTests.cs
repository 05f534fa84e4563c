using System.Text.Json;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Contract;

/// <summary>What an API key is for, until when, and from where it was used last (docs/decisions/0043).</summary>
public sealed class ApiKeyLimitTests
{
    [Theory]
    [InlineData("api", 200, 200, true)]
    [InlineData("profile", 200, 403, false)]
    [InlineData("tunnels", 403, 200, false)]
    [InlineData("tunnels profile", 200, 200, false)]
    [InlineData("profile api", 200, 200, true)]
    public async Task A_key_may_do_what_its_scope_says(string scope, int me, int tunnels, bool isIntrospected)
    {
        await using var server = await TestServer.StartAsync();
        var made = await server.PostJsonAsync("/api/v1/auth/keys", new { name = "ci", scope }, await server.AccountTokenAsync());
        (made.Status, made["scope"]).Should().Be((201, scope));
        string key = made["apiKey"]!;
        foreach (string path in (string[])["/auth/me", "/v1/auth/me"]) (await server.GetAsync(path, key)).Status.Should().Be(me, path);
        var list = await server.GetAsync("/api/tunnels", key);
        list.Status.Should().Be(tunnels);
        if (tunnels == 403) list.ShouldFail(403, "An API key may not be used here");
        var told = await server.IntrospectAsync(key);
        told.Json.GetProperty("active").GetBoolean().Should().Be(isIntrospected);
        if (isIntrospected) told["scope"].Should().Be(scope);
        else told.Body.Should().Be("""{"active":false}""", "who takes its audience would take it for everything");
        (await server.PostJsonAsync("/api/v1/auth/keys", new { name = "more" }, key)).ShouldFailPlainly(403, "An API key may not be used here");
        server.Get<AuditLog>().List(new AuditFilter(Event: "api_key.added"), null, 1)[0].Said.Detail.Should().Be($"scope: {scope}");
    }

    [Fact]
    public async Task A_key_ends_at_its_end()
    {
        await using var server = await TestServer.StartAsync();
        var made = await server.PostJsonAsync("/api/v1/auth/keys", new { name = "ci", expiresAt = "2026-11-21T12:10:00Z" }, await server.AccountTokenAsync());
        made.ShouldBe(201, """{"keyId":"<key id>","apiKey":"<key>","name":"ci","createdAt":"2026-11-21T12:00:00Z","expiresAt":"2026-11-21T12:10:00Z"}""");
        string key = made["apiKey"]!;
        (await server.IntrospectAsync(key)).Json.Number("exp").Should().Be(new DateTimeOffset(2026, 11, 21, 12, 10, 0, TimeSpan.Zero).ToUnixTimeSeconds());
        server.Clock.Advance(TimeSpan.FromSeconds(599));
        (await server.GetAsync("/auth/me", key)).Status.Should().Be(200);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await server.GetAsync("/auth/me", key)).ShouldFail(401, "Invalid token");
        (await server.IntrospectAsync(key)).Body.Should().Be("""{"active":false}""");
        var explained = server.Get<TokenServer.Accounts.Explaining.TokenExplanations>();
        (await explained.ExplainAsync(key)).Reasons.Should().ContainSingle().Which.Check.Should().Be("expired");
    }

    [Theory]
    [InlineData("""{"name":"ci","scope":"everything"}""", "scope")]
    [InlineData("""{"name":"ci","scope":"profile admin"}""", "scope")]
    [InlineData("""{"name":"ci","scope":""}""", "scope")]
    [InlineData("""{"name":"ci","scope":["api"]}""", "scope")]
    [InlineData("""{"name":"ci","expiresAt":"2026-11-21T12:00:00Z"}""", "expiresAt")]
    [InlineData("""{"name":"ci","expiresAt":"2037-11-21T12:00:00Z"}""", "expiresAt")]
    [InlineData("""{"name":"ci","expiresAt":"tomorrow"}""", "expiresAt")]
    [InlineData("""{"name":"ci","expiresAt":1795262400}""", "expiresAt")]
    public async Task A_limit_that_makes_no_sense_makes_no_key(string body, string field)
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.AccountTokenAsync();
        (await server.PostJsonAsync("/api/v1/auth/keys", body, token)).ShouldFailPlainly(400, $"/.*{field}.*/");
        (await server.GetAsync("/api/v1/auth/keys", token)).ShouldBe(200, "[]");
    }

    [Fact]
    public async Task Nulls_are_no_limits_and_the_list_is_as_the_contract_has_it()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.AccountTokenAsync();
        var made = await server.PostJsonAsync("/api/v1/auth/keys", """{"name":"ci","scope":null,"expiresAt":null}""", token);
        made.ShouldBe(201, """{"keyId":"<key id>","apiKey":"<key>","name":"ci","createdAt":"2026-11-21T12:00:00Z"}""");
        await server.PostJsonAsync("/api/v1/auth/keys", new { name = "less", scope = "profile" }, token);
        (await server.GetAsync("/api/v1/auth/keys", token)).Json.EnumerateArray().Should().OnlyContain(k => string.Join(' ', k.Names()) == "keyId name createdAt lastUsed");
    }

    [Fact]
    public async Task The_last_address_is_that_of_the_last_request()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:TrustedProxies:0=127.0.0.1"]);
        string token = await server.AccountTokenAsync(), key = (await server.ApiKeyAsync(token)).Key;
        int jane = server.Get<TokenServer.Accounts.UserAccounts>().FindByLogin("jane")!.Id;
        await UseAsync("192.0.2.1");
        Address().Should().Be("192.0.2.1");
        await UseAsync("192.0.2.2");
        Address().Should().Be("192.0.2.2", "a thief is not hidden by what the owner did a moment ago");
        (await server.IntrospectAsync(key)).Status.Should().Be(200);
        Address().Should().Be("192.0.2.2", "a resource server says nothing of from where");

        async Task UseAsync(string address) => (await server.CallAsync("GET", "/auth/me", key, null, ("X-Forwarded-For", address))).Status.Should().Be(200);

        string? Address() => server.Get<UserApiKeys>().Of(jane).Single().LastAddress;
    }

    [Fact]
    public async Task The_pages_make_a_key_with_limits_and_show_them()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        string key = (await browser.PostAndFollowAsync("/account/keys", ("name", "ci"), ("scope", "tunnels"), ("end", "30"))).Secret("key")!;
        (await server.GetAsync("/api/tunnels", key)).Status.Should().Be(200);
        (await server.GetAsync("/auth/me", key)).Status.Should().Be(403);
        (await browser.GetAsync("/account/keys")).Body.Should().Contain("tunnels ·").And.Contain("ends <time data-moment datetime=\"2026-12-21T12:00:00Z\"").And.Contain(" from 127.0.0.1");
        (await browser.PostAsync("/account/keys", ("name", "ci"), ("scope", "admin"))).Status.Should().Be(400);
        (await browser.PostAsync("/account/keys", ("name", "ci"), ("end", "31"))).Status.Should().Be(400);
        server.Clock.Advance(TimeSpan.FromDays(30));
        (await server.GetAsync("/api/tunnels", key)).Status.Should().Be(401);
    }

    [Fact]
    public async Task A_key_from_before_is_for_everything_and_has_no_end()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.AccountTokenAsync(), key = (await server.ApiKeyAsync(token)).Key;
        server.Get<Database>().Read(s => s.First("""SELECT coalesce("Scope", '-') || coalesce(CAST("ExpiresAt" AS TEXT), '-') FROM "ApiKeys" """, r => r.GetString(0))).Should().Be("--");
        var told = (await server.IntrospectAsync(key)).Json;
        told.Names().Should().NotContain(["scope", "exp"]);
        told.GetProperty("aud").ValueKind.Should().BeOneOf(JsonValueKind.String, JsonValueKind.Array);
    }
}
