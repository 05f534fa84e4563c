using System.Security.Cryptography;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Conformance;

/// <summary>
/// The modules of the OpenID Foundation's FAPI 2.0 Security Profile plan (fapi2-security-profile-final-test-plan) that concern DPoP, each a
/// test of its name, with what it checks; the resource is UserInfo. docs/conformance.md lists them.
/// </summary>
public sealed class Fapi2DpopTests(DpopServer shared) : IClassFixture<DpopServer>
{
    private const string Resource = "/connect/userinfo", Redirect = CodeClient.Callback;
    private readonly TestServer server = shared.Server;
    private readonly DpopKey key = new();
    private string? nonce;

    [Fact]
    public async Task Fapi2_security_profile_final_happy_flow()
    {
        var tokens = await TokensAsync();
        (tokens.Status, tokens["token_type"]).Should().Be((200, "DPoP"), tokens.Body);
        (await ShowAsync(tokens["access_token"]!)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Fapi2_security_profile_final_access_token_type_header_case_sensitivity()
    {
        string token = (await TokensAsync())["access_token"]!;
        foreach (string scheme in (string[])["DPoP", "dpop", "dPoP", "DPOP"])
            (await server.ShowAsync("GET", Resource, token, key.Prove(server, "GET", Resource, token, nonce: nonce), scheme)).Status.Should().Be(200, scheme);
    }

    [Fact]
    public async Task Fapi2_security_profile_final_check_dpop_proof_nbf_exp()
    {
        var times = new { nbf = Now, exp = Now + 300 };
        var tokens = await TokensAsync(times);
        tokens.Status.Should().Be(200, tokens.Body);
        (await ShowAsync(tokens["access_token"]!, times)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task Fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_before_and_after_succeeds(int seconds)
    {
        var tokens = await TokensAsync(new { iat = Now + seconds });
        tokens.Status.Should().Be(200, tokens.Body);
        (await ShowAsync(tokens["access_token"]!, new { iat = Now + seconds })).Status.Should().Be(200);
    }

    [Fact]
    public async Task Fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails()
    {
        await NonceAsync();
        var pushed = await server.ProveAsync([key.Prove(server, "POST", "/connect/par", nonce: nonce)], "/connect/par", "strict", Asked(("dpop_jkt", new DpopKey().Thumbprint)));
        pushed.Status.Should().Be(400);
        pushed["error"].Should().BeOneOf("invalid_request", "invalid_dpop_proof");
    }

    [Fact]
    public async Task Fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt()
    {
        await NonceAsync();
        RefusedAtTokens(await ExchangeAsync(await CodeAsync(by: key), by: new DpopKey()));
    }

    [Fact]
    public async Task Fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt()
    {
        await NonceAsync();
        RefusedAtTokens(await ExchangeAsync(await CodeAsync(null, ("dpop_jkt", new DpopKey().Thumbprint)), key));
    }

    [Fact]
    public async Task Fapi2_security_profile_final_ensure_dpopproof_at_par_endpoint_binding_success()
    {
        await NonceAsync();
        (await ExchangeAsync(await CodeAsync(key), key)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Fapi2_security_profile_final_ensure_dpop_auth_code_binding_success()
    {
        await NonceAsync();
        (await ExchangeAsync(await CodeAsync(null, ("dpop_jkt", key.Thumbprint)), key)).Status.Should().Be(200);
        (await ExchangeAsync(await CodeAsync(key, ("dpop_jkt", key.Thumbprint)), key)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Fapi2_security_profile_final_ensure_holder_of_key_required()
    {
        await NonceAsync();
        RefusedAtTokens(await server.ExchangeAsync(await CodeAsync(key), "strict"));
    }

    [Fact]
    public async Task Fapi2_security_profile_final_refresh_token()
    {
        var tokens = await TokensAsync();
        (string, string)[] form = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"]!)];
        RefusedAtTokens(await server.TokenAsync("strict", form));
        var next = await server.BoundAsync(key.ForTokens(server, nonce: nonce), "strict", form);
        (next.Status, next["token_type"]).Should().Be((200, "DPoP"), next.Body);
        (await ShowAsync(next["access_token"]!)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Fapi2_security_profile_final_dpop_negative_tests()
    {
        string token = (await TokensAsync())["access_token"]!, good = Prove(token);
        var several = new HttpRequestMessage(HttpMethod.Get, Resource);
        several.Headers.TryAddWithoutValidation("Authorization", "DPoP " + token);
        several.Headers.TryAddWithoutValidation("DPoP", [Prove(token), Prove(token)]);
        (await server.SendAsync(several)).Status.Should().Be(401, "more than one DPoP header");
        await Refused(good[1..], "not well-formed");
        foreach (object header in new object[]
        {
            new { typ = (string?)null }, new { typ = "JWT" }, new { alg = (string?)null }, new { alg = "none" }, new { jwk = (object?)null },
            new { jwk = new Dictionary<string, object>(key.Key.Jwk) { ["d"] = System.Buffers.Text.Base64Url.EncodeToString(((ECDsa)key.Key.Key).ExportParameters(true).D) } },
        }) await Refused(Prove(token, header: header), header.ToString()!);
        foreach (object claims in new object[]
        {
            new { jti = (string?)null }, new { htm = (string?)null }, new { htu = (string?)null }, new { iat = (long?)null }, new { ath = (string?)null },
            new { htm = "PUT" }, new { htu = "https://other.example/resource" }, new { iat = Now + 3600 }, new { iat = Now - 3600 }, new { ath = DpopKey.Hash("other") },
        }) await Refused(Prove(token, claims), claims.ToString()!);
        var rsa = new DpopKey("RS256");
        await Refused(rsa.Prove(server, "GET", Resource, token, nonce: nonce), "RS256");
        await Refused(good[..^8] + "AAAAAAAA", "invalid signature");
        await Refused(new DpopKey().Prove(server, "GET", Resource, token, nonce: nonce), "another key");
        var address = new Uri(server.Address);
        foreach (string htu in (string[])[$"{server.Address}{Resource}?a=b#c", server.Address + Resource, $"HTTP://{address.Host.ToUpperInvariant()}:{address.Port}{Resource}"])
            (await ShowAsync(token, new { htu })).Status.Should().Be(200, htu);
        (await ShowAsync(token, new { jti = "the same" })).Status.Should().Be(200);
        await Refused(Prove(token, new { jti = "the same" }), "reuse");
        (await ShowAsync(token, new { more = "claims" }, new { more = "members" })).Status.Should().Be(200);
        (await server.ShowAsync("GET", Resource, token, null)).Status.Should().Be(401, "without a proof");
        (await server.ShowAsync("GET", Resource, token, null, "Bearer")).Status.Should().Be(401, "as Bearer");
        (await ShowAsync(token)).Status.Should().Be(200, "a correct proof still works");

        async Task Refused(string proof, string because) => (await server.ShowAsync("GET", Resource, token, proof)).Status.Should().Be(401, because);
    }

    private long Now => server.Clock.GetUtcNow().ToUnixTimeSeconds();

    private static (string, string)[] Asked(params (string, string?)[] more) => CodeClient.Parameters("strict", [("scope", "openid offline_access"), .. more]);

    private static void RefusedAtTokens(Answer answer)
    {
        answer.Status.Should().Be(400);
        answer["error"].Should().BeOneOf("invalid_request", "invalid_grant", "invalid_dpop_proof");
    }

    private async Task NonceAsync() => nonce ??= (await server.ProveAsync([key.Prove(server, "POST", "/connect/par")], "/connect/par", "strict", Asked())).Nonce();

    private async Task<string> CodeAsync(DpopKey? by, params (string, string?)[] more)
    {
        var pushed = by is null ? await server.PostAsync("/connect/par", "strict", Asked(more))
            : await server.ProveAsync([by.Prove(server, "POST", "/connect/par", nonce: nonce)], "/connect/par", "strict", Asked(more));
        pushed.Status.Should().Be(201, pushed.Body);
        var browser = await Browser.OfAsync(server);
        return (await browser.GetAsync(CodeClient.Query([("client_id", "strict"), ("request_uri", pushed["request_uri"]!)]))).Back(Redirect)["code"];
    }

    private Task<Answer> ExchangeAsync(string code, DpopKey by, object? claims = null) => server.BoundAsync(by.ForTokens(server, claims, nonce: nonce), "strict",
        ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Redirect), ("code_verifier", CodeClient.Verifier));

    private async Task<Answer> TokensAsync(object? claims = null)
    {
        await NonceAsync();
        return await ExchangeAsync(await CodeAsync(null), key, claims);
    }

    private string Prove(string token, object? claims = null, object? header = null) => key.Prove(server, "GET", Resource, token, claims, header, nonce);

    private Task<Answer> ShowAsync(string token, object? claims = null, object? header = null) => server.ShowAsync("GET", Resource, token, Prove(token, claims, header));
}
