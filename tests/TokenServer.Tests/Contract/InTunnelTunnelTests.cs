using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>The InTunnel face: tunnels and their tokens (contract section 2).</summary>
public sealed class InTunnelTunnelTests
{
    [Fact]
    public async Task A_new_tunnel_shows_its_token_once()
    {
        await using var server = await TestServer.StartAsync();
        string session = await server.SessionTokenAsync();
        var made = await server.PostJsonAsync("/api/tunnels", """{"name":"home"}""", session);
        made.ShouldBe(201, """{"success":true,"tunnel":{"id":1,"name":"home","token_hint":"<hint>","created_at":"2026-11-21T12:00:00Z","last_used_at":null,"token":"<tunnel>"}}""");
        made.Json.GetProperty("tunnel").Text("token").Should().EndWith(made.Json.GetProperty("tunnel").Text("token_hint")[^4..]);
        (await server.GetAsync("/api/tunnels", session)).ShouldBe(200,
            """{"success":true,"tunnels":[{"id":1,"name":"home","token_hint":"<hint>","created_at":"2026-11-21T12:00:00Z","last_used_at":null}]}""");
    }

    [Fact]
    public async Task Without_tunnels_the_list_is_empty()
    {
        await using var server = await TestServer.StartAsync();
        (await server.GetAsync("/api/tunnels", await server.SessionTokenAsync())).ShouldBe(200, """{"success":true,"tunnels":[]}""");
    }

    [Theory]
    [InlineData("home")]
    [InlineData("HOME")]
    [InlineData("Home")]
    public async Task A_name_is_taken_whatever_its_case(string name)
    {
        await using var server = await TestServer.StartAsync();
        string session = await server.SessionTokenAsync();
        await server.TunnelAsync(session);
        (await server.PostJsonAsync("/api/tunnels", new { name }, session)).ShouldFail(409, "A tunnel with this name already exists");
    }

    [Fact]
    public async Task Another_account_may_have_a_tunnel_of_the_same_name_and_sees_its_own_only()
    {
        await using var server = await TestServer.StartAsync();
        string jane = await server.SessionTokenAsync(), bob = await server.SessionTokenAsync("bob");
        await server.TunnelAsync(jane);
        long bobs = (await server.TunnelAsync(bob)).Id;
        var listed = (await server.GetAsync("/api/tunnels", bob)).Json.GetProperty("tunnels");
        listed.EnumerateArray().Select(t => t.Number("id")).Should().Equal(bobs);
    }

    [Fact]
    public async Task Of_simultaneous_tunnels_of_one_name_one_is_made()
    {
        await using var server = await TestServer.StartAsync();
        string session = await server.SessionTokenAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => server.PostJsonAsync("/api/tunnels", new { name = i % 2 == 0 ? "home" : "HOME" }, session)));
        answers.Count(a => a.Status == 201).Should().Be(1);
        answers.Where(a => a.Status != 201).Should().OnlyContain(a => a.Status == 409);
    }

    [Fact]
    public async Task A_deleted_name_is_free_again()
    {
        await using var server = await TestServer.StartAsync();
        string session = await server.SessionTokenAsync();
        long id = (await server.TunnelAsync(session)).Id;
        await server.CallAsync("DELETE", $"/api/tunnels/{id}", session);
        (await server.PostJsonAsync("/api/tunnels", new { name = "home" }, session)).Status.Should().Be(201);
    }

    [Theory]
    [InlineData("x", 201)]
    [InlineData("ü ~ \" ' < + /", 201)]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123", 201)]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234", 400)]
    [InlineData("", 400)]
    [InlineData("a\0b", 400)]
    public async Task A_name_has_1_to_64_characters(string name, int status)
    {
        await using var server = await TestServer.StartAsync();
        string session = await server.SessionTokenAsync();
        var answer = await server.PostJsonAsync("/api/tunnels", new { name }, session);
        answer.Status.Should().Be(status);
        if (status == 400) answer.ShouldFail(400, "/.*name.*/");
        else answer.Json.GetProperty("tunnel").Text("name").Should().Be(name);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":null}""")]
    [InlineData("""{"name":1}""")]
    [InlineData("""{"name":["home"]}""")]
    [InlineData("""{"Name":"home"}""")]
    public async Task A_missing_name_is_said_to_be(string body)
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostJsonAsync("/api/tunnels", body, await server.SessionTokenAsync())).ShouldFail(400, "/.*name.*/");
    }

    [Fact]
    public async Task A_regenerated_token_takes_the_place_of_the_old_one_at_once()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddIntrospectorAsync("relay", "tunnel");
        string session = await server.SessionTokenAsync();
        var (id, old) = await server.TunnelAsync(session);
        (await server.IsActiveAsync(old, "relay")).Should().BeTrue();
        var again = await server.PostJsonAsync($"/api/tunnels/{id}/regenerate", null, session);
        again.ShouldBe(200, """{"success":true,"tunnel":{"id":1,"name":"home","token_hint":"<hint>","created_at":"2026-11-21T12:00:00Z","last_used_at":null,"token":"<tunnel>"}}""");
        string fresh = again.Json.GetProperty("tunnel").Text("token");
        fresh.Should().NotBe(old);
        (await server.IntrospectAsync(old, "relay")).Body.Should().Be("""{"active":false}""");
        (await server.IsActiveAsync(fresh, "relay")).Should().BeTrue();
    }

    [Fact]
    public async Task A_deleted_tunnels_token_is_dead_at_once()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddIntrospectorAsync("relay", "tunnel");
        string session = await server.SessionTokenAsync();
        var (id, token) = await server.TunnelAsync(session);
        (await server.CallAsync("DELETE", $"/api/tunnels/{id}", session)).ShouldBeEmpty(204);
        (await server.IsActiveAsync(token, "relay")).Should().BeFalse();
        (await server.GetAsync("/api/tunnels", session)).ShouldBe(200, """{"success":true,"tunnels":[]}""");
    }

    [Theory]
    [InlineData("999")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("home")]
    public async Task An_unknown_tunnel_is_not_found(string id)
    {
        await using var server = await TestServer.StartAsync();
        string session = await server.SessionTokenAsync();
        (await server.PostJsonAsync($"/api/tunnels/{id}/regenerate", null, session)).ShouldFail(404, "Tunnel not found");
        (await server.CallAsync("DELETE", $"/api/tunnels/{id}", session)).ShouldFail(404, "Tunnel not found");
    }

    [Fact]
    public async Task Another_accounts_tunnel_is_not_found_and_stays()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddIntrospectorAsync("relay", "tunnel");
        string jane = await server.SessionTokenAsync(), bob = await server.SessionTokenAsync("bob");
        var (id, token) = await server.TunnelAsync(jane);
        (await server.PostJsonAsync($"/api/tunnels/{id}/regenerate", null, bob)).ShouldFail(404, "Tunnel not found");
        (await server.CallAsync("DELETE", $"/api/tunnels/{id}", bob)).ShouldFail(404, "Tunnel not found");
        (await server.IsActiveAsync(token, "relay")).Should().BeTrue();
    }

    [Fact]
    public async Task A_used_tunnel_token_shows_when()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddIntrospectorAsync("relay", "tunnel");
        string session = await server.SessionTokenAsync(), token = (await server.TunnelAsync(session)).Token;
        server.Clock.Advance(TimeSpan.FromHours(1));
        await server.IntrospectAsync(token, "relay");
        (await server.GetAsync("/api/tunnels", session)).ShouldBe(200,
            """{"success":true,"tunnels":[{"id":1,"name":"home","token_hint":"<hint>","created_at":"2026-11-21T12:00:00Z","last_used_at":"2026-11-21T13:00:00Z"}]}""");
    }

    [Fact]
    public async Task A_tunnel_token_never_ends_by_itself_and_outlives_the_session()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddIntrospectorAsync("relay", "tunnel");
        string session = await server.SessionTokenAsync(), token = (await server.TunnelAsync(session)).Token;
        await server.PostJsonAsync("/api/logout", null, session);
        server.Clock.Advance(TimeSpan.FromDays(365));
        (await server.IsActiveAsync(token, "relay")).Should().BeTrue();
    }

    [Fact]
    public async Task A_tunnel_token_is_a_bearer_on_no_route()
    {
        await using var server = await TestServer.StartAsync();
        string token = (await server.TunnelAsync(await server.SessionTokenAsync())).Token;
        (await server.GetAsync("/api/tunnels", token)).ShouldFail(401, "Invalid token");
        (await server.GetAsync("/auth/me", token)).ShouldFail(401, "Invalid token");
        (await server.GetAsync("/api/v1/auth/keys", token)).ShouldFailPlainly(401, "Authentication required");
        (await server.GetAsync("/api/status", token)).ShouldFailPlainly(401, "Authentication required");
        (await server.UserInfoAsync(token)).Status.Should().Be(401);
    }
}
