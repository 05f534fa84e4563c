using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Connect.Dpop;

/// <summary>An authorization code that is for the holder of a key alone (RFC 9449 section 10): named at the authorization endpoint, named or
/// proved where requests are pushed.</summary>
public sealed class BoundCodeTests(DpopServer shared) : IClassFixture<DpopServer>
{
    private readonly TestServer server = shared.Server;
    private readonly DpopKey key = new(), other = new();

    [Fact]
    public async Task A_code_for_a_key_is_exchanged_by_that_key_alone()
    {
        string code = await (await Browser.OfAsync(server)).CodeAsync("shop", ("dpop_jkt", key.Thumbprint), ("scope", "openid offline_access api"));
        (await Exchange(code, null)).ShouldBeRefused("invalid_grant");
        (await Exchange(code, other)).ShouldBeRefused("invalid_grant");
        var tokens = await Exchange(code, key);
        (tokens.Status, tokens["token_type"]).Should().Be((200, "DPoP"), tokens.Body);
        Jwt.Claims(tokens["id_token"]!).Names().Should().NotContain("cnf");
        (await Exchange(code, other)).ShouldBeRefused("invalid_grant");
        (await server.IsActiveAsync(tokens["access_token"]!)).Should().BeTrue("who has not the key ends nothing");
        (await Exchange(code, key)).ShouldBeRefused("invalid_grant");
        (await server.IsActiveAsync(tokens["access_token"]!)).Should().BeFalse("who has it and comes twice does");
    }

    [Fact]
    public async Task A_code_for_no_key_is_anybodys_with_a_proof_or_without()
    {
        var browser = await Browser.OfAsync(server);
        (await Exchange(await browser.CodeAsync(), null))["token_type"].Should().Be("Bearer");
        (await Exchange(await browser.CodeAsync(), key))["token_type"].Should().Be("DPoP");
    }

    [Fact]
    public async Task A_public_client_s_refresh_token_is_bound_by_the_exchange()
    {
        const string address = "com.example.app:/cb";
        var back = (await (await Browser.OfAsync(server)).GetAsync(CodeClient.Address("app", ("redirect_uri", address), ("scope", "openid offline_access api"), ("dpop_jkt", key.Thumbprint)))).Back(address);
        (string, string)[] form = [("grant_type", "authorization_code"), ("code", back["code"]), ("redirect_uri", address), ("code_verifier", CodeClient.Verifier)];
        var tokens = await server.BoundAsync(key.ForTokens(server), "app", form);
        tokens.Status.Should().Be(200, tokens.Body);
        (string, string)[] refresh = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"]!)];
        (await server.BoundAsync(other.ForTokens(server), "app", refresh)).ShouldBeRefused("invalid_grant");
        (await server.BoundAsync(key.ForTokens(server), "app", refresh)).Status.Should().Be(200);
    }

    [Fact]
    public async Task What_is_no_thumbprint_is_refused()
    {
        var browser = await Browser.OfAsync(server);
        foreach (string bad in (string[])["x", key.Thumbprint + "A", key.Thumbprint[..^1], key.Thumbprint[..^1] + "=", key.Thumbprint[..^1] + "+", new('x', 300)])
        {
            (await browser.AuthorizeAsync("shop", ("dpop_jkt", bad)))["error"].Should().Be("invalid_request", bad);
            (await Push(null, ("dpop_jkt", bad))).ShouldBeRefused("invalid_request");
        }
    }

    [Fact]
    public async Task A_pushed_request_is_bound_by_a_proof_or_by_name()
    {
        var browser = await Browser.OfAsync(server);
        foreach (var pushed in (Answer[])[await Push(key), await Push(null, ("dpop_jkt", key.Thumbprint)), await Push(key, ("dpop_jkt", key.Thumbprint))])
        {
            pushed.Status.Should().Be(201, pushed.Body);
            string code = (await browser.GetAsync(CodeClient.Query([("client_id", "shop"), ("request_uri", pushed["request_uri"]!)]))).Back()["code"];
            (await Exchange(code, null)).ShouldBeRefused("invalid_grant");
            (await Exchange(code, other)).ShouldBeRefused("invalid_grant");
            (await Exchange(code, key)).Status.Should().Be(200);
        }
    }

    [Fact]
    public async Task A_pushed_request_s_proof_is_checked_like_any_other()
    {
        (await Push(key, ("dpop_jkt", other.Thumbprint))).ShouldBeRefused();
        (await PushWith(key.ForTokens(server))).ShouldBeRefused();
        (await PushWith("garbage")).ShouldBeRefused();
        string proof = key.Prove(server, "POST", "/connect/par");
        (await PushWith(proof)).Status.Should().Be(201);
        (await PushWith(proof)).ShouldBeRefused();
        (await PushWith(key.Prove(server, "POST", "/connect/par"))).Nonce().Should().NotBeNull();
    }

    [Fact]
    public async Task A_client_that_is_always_bound_signs_a_nonce_at_every_step()
    {
        (string Name, string Value)[] asked = CodeClient.Parameters("strict", ("scope", "openid offline_access api"));
        var told = await server.ProveAsync([key.Prove(server, "POST", "/connect/par")], "/connect/par", "strict", asked);
        told.ShouldBeRefused("use_dpop_nonce");
        string nonce = told.Nonce()!;
        var pushed = await server.ProveAsync([key.Prove(server, "POST", "/connect/par", nonce: nonce)], "/connect/par", "strict", asked);
        pushed.Status.Should().Be(201, pushed.Body);
        string code = (await (await Browser.OfAsync(server)).GetAsync(CodeClient.Query([("client_id", "strict"), ("request_uri", pushed["request_uri"]!)]))).Back()["code"];
        (await Exchange(code, null, "strict")).ShouldBeRefused();
        (await server.BoundAsync(key.ForTokens(server), "strict", Form(code))).ShouldBeRefused("use_dpop_nonce");
        (await server.BoundAsync(other.ForTokens(server, nonce: nonce), "strict", Form(code))).ShouldBeRefused("invalid_grant");
        (await server.BoundAsync(key.ForTokens(server, nonce: nonce), "strict", Form(code)))["token_type"].Should().Be("DPoP");
    }

    [Fact]
    public async Task The_binding_stays_while_the_person_signs_in()
    {
        var stranger = new Browser(server);
        var page = await stranger.GetAsync(CodeClient.Address("shop", ("dpop_jkt", key.Thumbprint)));
        page.Status.Should().Be(303);
        string onward = Uri.UnescapeDataString(page.Headers.Location!.OriginalString.Split("?return=")[1]);
        (await stranger.SignInAsync(returnPath: onward)).Status.Should().Be(303);
        string code = (await stranger.GetAsync(onward)).Back()["code"];
        (await Exchange(code, other)).ShouldBeRefused("invalid_grant");
        (await Exchange(code, key)).Status.Should().Be(200);
    }

    private static (string, string)[] Form(string code) =>
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CodeClient.Callback), ("code_verifier", CodeClient.Verifier)];

    private Task<Answer> Exchange(string code, DpopKey? by, string client = "shop") =>
        by is null ? server.TokenAsync(client, Form(code)) : server.BoundAsync(by.ForTokens(server), client, Form(code));

    private Task<Answer> Push(DpopKey? by, params (string, string?)[] more) =>
        by is null ? server.PostAsync("/connect/par", "shop", CodeClient.Parameters("shop", more)) : PushWith(by.Prove(server, "POST", "/connect/par"), more);

    private Task<Answer> PushWith(string proof, params (string, string?)[] more) => server.ProveAsync([proof], "/connect/par", "shop", CodeClient.Parameters("shop", more));
}
