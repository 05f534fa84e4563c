using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>The Account face: API keys (contract section 4).</summary>
public sealed class AccountKeyTests
{
    [Fact]
    public async Task A_new_key_is_shown_once()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.AccountTokenAsync();
        var made = await server.PostJsonAsync("/api/v1/auth/keys", """{"name":"My Integration Key"}""", token);
        made.ShouldBe(201, """{"keyId":"<key id>","apiKey":"<key>","name":"My Integration Key","createdAt":"2026-11-21T12:00:00Z"}""");
        var listed = await server.GetAsync("/api/v1/auth/keys", token);
        listed.ShouldBe(200, $$"""[{"keyId":"{{made["keyId"]}}","name":"My Integration Key","createdAt":"2026-11-21T12:00:00Z","lastUsed":null}]""");
        listed.Body.Should().NotContain(made["apiKey"]);
    }

    [Fact]
    public async Task A_list_shows_all_keys_of_the_account_and_when_each_was_used()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.AccountTokenAsync(), bob = await server.AccountTokenAsync("bob");
        (await server.GetAsync("/api/v1/auth/keys", token)).ShouldBe(200, "[]");
        var (first, key) = await server.ApiKeyAsync(token);
        string second = (await server.ApiKeyAsync(token, "Staging Key")).Id;
        await server.ApiKeyAsync(bob, "Bob's");
        server.Clock.Advance(TimeSpan.FromMinutes(30));
        (await server.GetAsync("/auth/me", key)).Status.Should().Be(200);
        (await server.GetAsync("/api/v1/auth/keys", token)).ShouldBe(200, $$"""
            [{"keyId":"{{first}}","name":"My Integration Key","createdAt":"2026-11-21T12:00:00Z","lastUsed":"2026-11-21T12:30:00Z"},
             {"keyId":"{{second}}","name":"Staging Key","createdAt":"2026-11-21T12:00:00Z","lastUsed":null}]
            """);
    }

    [Fact]
    public async Task Introspection_is_a_use_too()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.AccountTokenAsync(), key = (await server.ApiKeyAsync(token)).Key;
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await server.IntrospectAsync(key);
        (await server.GetAsync("/api/v1/auth/keys", token)).Json[0].Text("lastUsed").Should().Be("2026-11-21T12:01:00Z");
    }

    [Fact]
    public async Task A_deleted_key_is_dead_at_once()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.AccountTokenAsync();
        var (id, key) = await server.ApiKeyAsync(token);
        (await server.GetAsync("/auth/me", key)).Status.Should().Be(200);
        (await server.IsActiveAsync(key)).Should().BeTrue();
        (await server.CallAsync("DELETE", $"/api/v1/auth/keys/{id}", token)).ShouldBeEmpty(204);
        (await server.GetAsync("/auth/me", key)).ShouldFail(401, "Invalid token");
        (await server.GetAsync("/api/tunnels", key)).ShouldFail(401, "Invalid token");
        (await server.IntrospectAsync(key)).Body.Should().Be("""{"active":false}""");
        (await server.CallAsync("DELETE", $"/api/v1/auth/keys/{id}", token)).ShouldFailPlainly(404, "API key not found");
    }

    [Theory]
    [InlineData("key_abc123")]
    [InlineData("key_")]
    [InlineData("1")]
    [InlineData("sk_live_000000000000000000000000")]
    public async Task An_unknown_key_is_not_found(string id)
    {
        await using var server = await TestServer.StartAsync();
        (await server.CallAsync("DELETE", $"/api/v1/auth/keys/{id}", await server.AccountTokenAsync())).ShouldFailPlainly(404, "API key not found");
    }

    [Fact]
    public async Task Another_accounts_key_is_not_found_and_stays()
    {
        await using var server = await TestServer.StartAsync();
        var (id, key) = await server.ApiKeyAsync(await server.AccountTokenAsync());
        (await server.CallAsync("DELETE", $"/api/v1/auth/keys/{id}", await server.AccountTokenAsync("bob"))).ShouldFailPlainly(404, "API key not found");
        (await server.GetAsync("/auth/me", key)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(1, 201)]
    [InlineData(100, 201)]
    [InlineData(101, 400)]
    [InlineData(0, 400)]
    public async Task A_name_has_1_to_100_characters(int length, int status)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.PostJsonAsync("/api/v1/auth/keys", new { name = new string('n', length) }, await server.AccountTokenAsync());
        if (status == 400) answer.ShouldFailPlainly(400, "/.*name.*/");
        else answer.Status.Should().Be(status);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":1}""")]
    public async Task A_missing_name_is_said_to_be(string body)
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostJsonAsync("/api/v1/auth/keys", body, await server.AccountTokenAsync())).ShouldFailPlainly(400, "/.*name.*/");
    }

    [Fact]
    public async Task A_key_stands_for_its_account_on_three_routes_and_outlives_the_session()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.AccountTokenAsync(), key = (await server.ApiKeyAsync(token)).Key;
        await server.PostJsonAsync("/api/v1/auth/logout", null, token);
        server.Clock.Advance(TimeSpan.FromDays(365));
        (await server.GetAsync("/auth/me", key)).Json.GetProperty("user").Text("id").Should().Be("usr_1");
        (await server.GetAsync("/v1/auth/me", key)).Json.GetProperty("user").Text("id").Should().Be("usr_1");
        (await server.GetAsync("/api/tunnels", key)).ShouldBe(200, """{"success":true,"tunnels":[]}""");
        (await server.UserInfoAsync(key)).Status.Should().Be(401);
    }

    [Fact]
    public async Task A_key_with_one_character_changed_is_nothing()
    {
        await using var server = await TestServer.StartAsync();
        string key = (await server.ApiKeyAsync(await server.AccountTokenAsync())).Key;
        foreach (string other in new[] { key[..^1] + (key[^1] == 'a' ? 'b' : 'a'), key + "a", key[..^1], key.ToUpperInvariant(), "sk_test_" + key[8..] })
            (await server.GetAsync("/auth/me", other)).ShouldFail(401, "Invalid token");
    }
}
