using System.Text.Json;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.OpenIddict;

/// <summary>
/// Headers and claims of JWTs: OpenIddict encrypts access tokens, adds <c>oi_…</c> claims and has no <c>aud</c> where there is no resource
/// (RFC 9068, contract section 1).
/// </summary>
public sealed class TokenFormTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static readonly string[] IdTokenClaims = ["iss", "sub", "aud", "exp", "iat", "auth_time", "amr", "at_hash"];
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task The_header_of_an_access_token_has_type_algorithm_and_key_and_nothing_more()
    {
        foreach (string token in (string[])[await server.WorkerTokenAsync(), (await server.SignInAsync())["access_token"]!])
        {
            token.Split('.').Should().HaveCount(3);
            Jwt.Header(token).Names().Should().BeEquivalentTo("typ", "alg", "kid");
            (Jwt.Header(token).Text("typ"), Jwt.Header(token).Text("alg")).Should().Be(("at+jwt", "ES256"));
        }
    }

    [Fact]
    public async Task The_header_of_an_id_token_names_no_certificate()
    {
        var header = Jwt.Header((await server.SignInAsync())["id_token"]!);
        header.Names().Should().Contain(["alg", "kid"]).And.BeSubsetOf(["typ", "alg", "kid"]);
    }

    [Fact]
    public async Task An_id_token_has_the_claims_of_the_contract_and_no_private_ones()
    {
        foreach (string scope in (string[])["openid", "openid profile email offline_access api"])
        {
            string[] names = [.. Jwt.Claims((await server.SignInAsync(scope: scope))["id_token"]!).Names()];
            names.Should().Contain(IdTokenClaims).And.OnlyHaveUniqueItems();
            names.Should().BeSubsetOf([.. IdTokenClaims, "sid", "acr", "azp", "nonce", "jti"]);
        }
    }

    [Fact]
    public async Task A_refreshed_id_token_has_the_same_claims_as_the_first()
    {
        var signedIn = await server.SignInAsync();
        var refreshed = await server.RefreshAsync(signedIn["refresh_token"]!);
        var (before, after) = (Jwt.Claims(signedIn["id_token"]!), Jwt.Claims(refreshed["id_token"]!));
        after.Names().Should().BeEquivalentTo(before.Names());
        (after.Text("iss"), after.Text("sub"), after.Text("aud")).Should().Be((before.Text("iss"), before.Text("sub"), before.Text("aud")));
        Jwt.Claims(refreshed["access_token"]!).Names().Should().BeEquivalentTo(Jwt.Claims(signedIn["access_token"]!).Names());
    }

    [Fact]
    public async Task Times_are_numbers_and_a_single_audience_is_a_text()
    {
        var signedIn = await server.SignInAsync();
        foreach (var claims in (JsonElement[])[Jwt.Claims(signedIn["access_token"]!), Jwt.Claims(signedIn["id_token"]!)])
        {
            foreach (string time in (string[])["exp", "iat", "auth_time"])
                claims.GetProperty(time).ValueKind.Should().Be(JsonValueKind.Number, time);
            claims.GetProperty("aud").ValueKind.Should().Be(JsonValueKind.String);
            claims.GetProperty("sub").ValueKind.Should().Be(JsonValueKind.String);
        }
    }

    [Fact]
    public async Task Scopes_are_one_text_and_many_audiences_an_array()
    {
        var claims = Jwt.Claims(await server.WorkerTokenAsync());
        claims.GetProperty("scope").ValueKind.Should().Be(JsonValueKind.String);
        claims.GetProperty("aud").ValueKind.Should().Be(JsonValueKind.Array);
    }

    [Fact]
    public async Task The_kinds_of_a_users_tokens_are_told_by_their_beginnings()
    {
        var signedIn = await server.SignInAsync();
        signedIn["refresh_token"].Should().MatchRegex("^rt_[A-Za-z0-9_-]{43}$");
        (await server.SignInAsync("opaque", scope: "openid"))["access_token"].Should().MatchRegex("^at_[A-Za-z0-9_-]{43}$");
        signedIn["id_token"].Should().StartWith("eyJ");
    }
}
