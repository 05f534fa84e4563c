using TokenServer.Keys;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>The form of access tokens and id tokens, checked with the framework's own cryptography (RFC 9068, OpenID Connect Core section 2).</summary>
public sealed class AccessTokenTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task An_access_token_is_signed_by_a_published_ES256_key()
    {
        string token = await server.WorkerTokenAsync();
        var header = Jwt.Header(token);
        (header.Text("typ"), header.Text("alg")).Should().Be(("at+jwt", "ES256"));
        header.Text("kid").Should().NotBeEmpty();
        (await server.IsSignedByPublishedKeyAsync(token)).Should().BeTrue();
    }

    [Fact]
    public async Task A_users_access_token_has_every_claim()
    {
        long now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        var claims = Jwt.Claims((await server.SignInAsync())["access_token"]!);
        claims.Names().Should().BeEquivalentTo("iss", "sub", "aud", "client_id", "exp", "iat", "jti", "scope", "auth_time", "sid", "role");
        (claims.Text("iss"), claims.Text("sub"), claims.Text("aud"), claims.Text("client_id")).Should().Be((server.Address, "1", "api", "web"));
        (claims.Number("iat"), claims.Number("exp"), claims.Number("auth_time")).Should().Be((now, now + 3600, now));
        (claims.Text("scope"), claims.Text("role")).Should().Be(("openid offline_access api", "admin"));
    }

    [Fact]
    public async Task A_clients_own_access_token_has_every_claim_but_those_of_a_user() =>
        Jwt.Claims(await server.WorkerTokenAsync()).Names().Should().BeEquivalentTo("iss", "sub", "aud", "client_id", "exp", "iat", "jti", "scope");

    [Fact]
    public async Task No_two_tokens_have_the_same_id()
    {
        string[] tokens = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => server.WorkerTokenAsync()));
        tokens.Select(t => Jwt.Claims(t).Text("jti")).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Without_a_resource_the_audience_is_the_issuer() =>
        Jwt.Claims((await server.SignInAsync(scope: "openid"))["access_token"]!).Text("aud").Should().Be(server.Address);

    [Fact]
    public async Task An_id_token_is_signed_by_a_published_RS256_key()
    {
        string token = (await server.SignInAsync())["id_token"]!;
        Jwt.Header(token).Text("alg").Should().Be("RS256");
        (await server.IsSignedByPublishedKeyAsync(token)).Should().BeTrue();
    }

    [Fact]
    public async Task An_id_token_is_signed_by_ES256_where_the_client_says_so()
    {
        var answer = await server.TokenAsync(null, ("client_id", "plain"), ("client_secret", TestImport.Secret), ("grant_type", "password"), ("username", "bob"), ("password", TestImport.Password), ("scope", "openid"));
        string token = answer["id_token"]!;
        Jwt.Header(token).Text("alg").Should().Be("ES256");
        (await server.IsSignedByPublishedKeyAsync(token)).Should().BeTrue();
        Jwt.Claims(token).Text("at_hash").Should().Be(HashOf(answer["access_token"]!));
    }

    [Fact]
    public async Task An_id_token_tells_who_signed_in_when_and_how()
    {
        long now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        var answer = await server.SignInAsync();
        var claims = Jwt.Claims(answer["id_token"]!);
        (claims.Text("iss"), claims.Text("sub"), claims.Text("aud")).Should().Be((server.Address, "1", "web"));
        (claims.Number("iat"), claims.Number("exp"), claims.Number("auth_time")).Should().Be((now, now + 1200, now));
        claims.Texts("amr").Should().Equal("pwd");
        claims.Text("at_hash").Should().Be(HashOf(answer["access_token"]!));
    }

    [Fact]
    public async Task An_id_token_tells_of_the_second_factor()
    {
        string temp = (await server.SignInAsync(user: "john"))["temp_token"]!;
        var answer = await server.SecondFactorAsync(temp, server.TotpCode());
        Jwt.Claims(answer["id_token"]!).Texts("amr").Should().Equal("pwd", "otp", "mfa");
    }

    [Fact]
    public async Task An_id_token_beside_an_opaque_access_token_has_its_hash()
    {
        var answer = await server.SignInAsync("opaque", scope: "openid");
        Jwt.Claims(answer["id_token"]!).Text("at_hash").Should().Be(HashOf(answer["access_token"]!));
    }

    [Fact]
    public async Task A_refreshed_id_token_tells_when_the_user_signed_in_and_how()
    {
        await using var own = await TestServer.StartAsync();
        var signedIn = await own.SignInAsync();
        own.Clock.Advance(TimeSpan.FromHours(2));
        var refreshed = await own.RefreshAsync(signedIn["refresh_token"]!);
        var (before, after) = (Jwt.Claims(signedIn["id_token"]!), Jwt.Claims(refreshed["id_token"]!));
        after.Number("auth_time").Should().Be(before.Number("auth_time"));
        after.Number("iat").Should().Be(before.Number("iat") + 7200);
        after.Texts("amr").Should().Equal("pwd");
        after.Text("at_hash").Should().Be(HashOf(refreshed["access_token"]!));
    }

    [Fact]
    public async Task A_token_outlives_the_rotation_of_its_key_and_new_ones_have_the_new_key()
    {
        await using var own = await TestServer.StartAsync();
        string before = await own.WorkerTokenAsync();
        await own.Get<KeyRing>().RotateAsync("ES256", "test");
        string after = await own.WorkerTokenAsync();
        Jwt.Header(after).Text("kid").Should().NotBe(Jwt.Header(before).Text("kid"));
        foreach (string token in (string[])[before, after])
        {
            (await own.IsActiveAsync(token)).Should().BeTrue();
            (await own.IsSignedByPublishedKeyAsync(token)).Should().BeTrue();
        }
    }

    [Fact]
    public async Task An_access_token_ends_with_its_lifetime()
    {
        await using var own = await TestServer.StartAsync();
        string token = await own.WorkerTokenAsync();
        own.Clock.Advance(TimeSpan.FromSeconds(3599));
        (await own.IsActiveAsync(token)).Should().BeTrue();
        own.Clock.Advance(TimeSpan.FromSeconds(1));
        (await own.IntrospectAsync(token)).Body.Should().Be("""{"active":false}""");
    }

    private static string HashOf(string accessToken) =>
        System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(accessToken)).AsSpan(0, 16));
}
