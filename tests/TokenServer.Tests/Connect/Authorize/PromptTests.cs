using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Connect.Authorize;

/// <summary>What has to be done first, and what is said where nothing may be (OpenID Connect Core section 3.1.2.1, contract section 9).</summary>
public sealed class PromptTests(CodeServer shared) : IClassFixture<CodeServer>
{
    private readonly TestServer server = shared.Server;
    private readonly Browser bob = shared.Bob;

    [Theory]
    [InlineData("/account/sign-in-again", "prompt", "login")]
    [InlineData("/account/choose", "prompt", "select_account")]
    [InlineData("/account/second-factor-needed", "acr_values", "x urn:tokenserver:acr:mfa")]
    [InlineData("/account/consent", "prompt", "consent")]
    public async Task A_page_comes_first(string page, string parameter, string value)
    {
        var answer = await bob.GetAsync(CodeClient.Address("shop", (parameter, value), ("state", "secret state")));
        answer.Status.Should().Be(303);
        string[] parts = answer.Headers.Location!.OriginalString.Split("?return=");
        parts[0].Should().Be(page);
        string onward = Uri.UnescapeDataString(parts[1]);
        onward.Should().StartWith("/connect/authorize?client_id=shop&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A").And.NotContain("secret");
        answer.Headers.CacheControl!.NoStore.Should().BeTrue();
        (await bob.GetAsync(onward)).Headers.Location!.OriginalString.Should().StartWith(page, "nothing was done yet");
    }

    [Theory]
    [InlineData("ask", "/account/consent")]
    [InlineData("each", "/account/consent")]
    public async Task Consent_is_asked_where_the_client_needs_it(string client, string page)
    {
        (await bob.GetAsync(CodeClient.Address(client))).Headers.Location!.OriginalString.Should().StartWith(page);
        (await bob.AuthorizeAsync(client, ("prompt", "none")))["error"].Should().Be("consent_required");
    }

    [Fact]
    public async Task Who_is_not_signed_in_signs_in()
    {
        using var stranger = new Browser(server);
        (await stranger.GetAsync(CodeClient.Address())).Headers.Location!.OriginalString.Should().StartWith("/account/sign-in?return=");
        (await stranger.AuthorizeAsync("shop", ("prompt", "none")))["error"].Should().Be("login_required");
    }

    [Fact]
    public async Task None_says_what_would_be_asked()
    {
        (await bob.AuthorizeAsync("shop", ("prompt", "none"))).Should().ContainKey("code");
        (await bob.AuthorizeAsync("shop", ("prompt", "none"), ("acr_values", "urn:tokenserver:acr:mfa")))["error"].Should().Be("interaction_required");
    }

    [Theory]
    [InlineData("urn:tokenserver:acr:pwd urn:tokenserver:acr:mfa")]
    [InlineData("urn:tokenserver:acr:mfa x urn:tokenserver:acr:pwd")]
    [InlineData("urn:tokenserver:acr:pwd")]
    [InlineData("x y")]
    public async Task Any_of_the_acr_values_will_do(string values)
    {
        (await bob.AuthorizeAsync("shop", ("acr_values", values), ("prompt", "none"))).Should().ContainKey("code");
        var tokens = await server.ExchangeAsync(await bob.CodeAsync("shop", ("acr_values", values)));
        Jwt.Claims(tokens["id_token"]!).Text("acr").Should().Be("urn:tokenserver:acr:pwd");
    }

    [Fact]
    public async Task A_hint_names_who_is_to_be_signed_in()
    {
        string own = (await bob.SignInByCodeAsync(server, "openid"))["id_token"]!;
        (await bob.AuthorizeAsync("shop", ("id_token_hint", own), ("prompt", "none"))).Should().ContainKey("code");
        (await bob.AuthorizeAsync("basic", ("id_token_hint", own)))["error"].Should().Be("invalid_request", "it is another client's");
        using var jane = await Browser.OfAsync(server, "jane");
        (await jane.AuthorizeAsync("shop", ("id_token_hint", own), ("prompt", "none")))["error"].Should().Be("login_required");
        (await jane.GetAsync(CodeClient.Address("shop", ("id_token_hint", own)))).Headers.Location!.OriginalString.Should().StartWith("/account/choose?return=");
    }

    [Fact]
    public async Task An_access_token_is_no_hint() =>
        (await bob.AuthorizeAsync("shop", ("id_token_hint", (await bob.SignInByCodeAsync(server))["access_token"])))["error"].Should().Be("invalid_request");

    [Fact]
    public async Task A_sign_in_that_is_too_old_is_made_again_and_gives_a_newer_time()
    {
        await using var own = await TestServer.StartAsync(FaceRequests.NoLimits, CodeClient.Import);
        using var browser = await Browser.OfAsync(own);
        long before = await AuthTimeAsync(own, browser, ("max_age", "60"));
        own.Clock.Advance(TimeSpan.FromSeconds(60));
        (await AuthTimeAsync(own, browser, ("max_age", "60"))).Should().Be(before);
        own.Clock.Advance(TimeSpan.FromSeconds(1));
        (await browser.AuthorizeAsync("shop", ("max_age", "60"), ("prompt", "none")))["error"].Should().Be("login_required");
        string onward = await OnwardAsync(browser, CodeClient.Address("shop", ("max_age", "0")));
        (await SignInAgainAsync(browser)).Status.Should().Be(303);
        own.Clock.Advance(TimeSpan.FromSeconds(5));
        var tokens = await own.ExchangeAsync((await browser.GetAsync(onward)).Back()["code"]);
        Jwt.Claims(tokens["id_token"]!).GetProperty("auth_time").GetInt64().Should().Be(before + 61);
    }

    [Fact]
    public async Task Login_is_done_by_signing_in_again_and_not_by_having_been_signed_in()
    {
        await using var own = await TestServer.StartAsync(FaceRequests.NoLimits, CodeClient.Import);
        using var browser = await Browser.OfAsync(own);
        string onward = await OnwardAsync(browser, CodeClient.Address("shop", ("prompt", "login")));
        (await browser.GetAsync(onward)).Headers.Location!.OriginalString.Should().StartWith("/account/sign-in-again");
        (await SignInAgainAsync(browser)).Status.Should().Be(303);
        (await browser.GetAsync(onward)).Back().Should().ContainKey("code");
        (await browser.GetAsync(onward)).ShouldBeRefusedHere();
    }

    [Fact]
    public async Task A_choice_and_a_no_are_those_of_the_sign_in_that_made_them()
    {
        var (requests, account) = (server.Get<AuthorizationRequests>(), server.Get<UserAccounts>().FindByLogin("bob")!);
        long signIn = server.Get<OpenSessions>().Of(account.Id).First(s => s.Client.ClientId == FirstPartyClient.ClientId).Id;
        string chosen = await OnwardAsync(bob, CodeClient.Address("shop", ("prompt", "select_account"))), uri = RequestUri(chosen);
        (await requests.ChooseAsync(uri, signIn + 1)).Should().BeTrue();
        (await bob.GetAsync(chosen)).Headers.Location!.OriginalString.Should().StartWith("/account/choose");
        (await requests.ChooseAsync(uri, signIn)).Should().BeTrue();
        (await bob.GetAsync(chosen)).Back().Should().ContainKey("code");
        (await requests.ChooseAsync(uri, signIn)).Should().BeFalse("it was answered");
        string denied = await OnwardAsync(bob, CodeClient.Address("ask"));
        (await requests.DenyAsync(RequestUri(denied), signIn)).Should().BeTrue();
        (await bob.GetAsync(denied)).Back()["error"].Should().Be("access_denied");
        (await bob.GetAsync(denied)).ShouldBeRefusedHere();
    }

    [Fact]
    public async Task A_consent_is_remembered_and_covers_what_it_names()
    {
        await using var own = await TestServer.StartAsync(FaceRequests.NoLimits, CodeClient.Import);
        using var browser = await Browser.OfAsync(own);
        var account = own.Get<UserAccounts>().FindByLogin("bob")!;
        var owner = new Owner(account.Id, own.Get<OpenSessions>().Of(account.Id)[0].Id, null);
        string onward = await OnwardAsync(browser, CodeClient.Address("ask", ("scope", "openid"), ("prompt", "consent")));
        own.Clock.Advance(TimeSpan.FromSeconds(1));
        await own.Get<Consents>().AllowAsync(owner, own.Get<ClientRegistry>().Find("ask")!, ScopeSet.Parse("openid"));
        (await browser.GetAsync(onward)).Headers.Location!.OriginalString.Should().StartWith("/account/consent", "that was said to another request");
        (await own.Get<AuthorizationRequests>().AllowAsync(RequestUri(onward), owner.SessionId)).Should().BeTrue();
        (await browser.GetAsync(onward)).Back().Should().ContainKey("code");
        (await browser.AuthorizeAsync("ask", ("scope", "openid"))).Should().ContainKey("code");
        (await browser.AuthorizeAsync("ask", ("scope", "openid api"), ("prompt", "none")))["error"].Should().Be("consent_required");
        await OnwardAsync(browser, CodeClient.Address("ask", ("scope", "openid"), ("prompt", "consent")));
    }

    private static async Task<long> AuthTimeAsync(TestServer server, Browser browser, params (string, string?)[] other) =>
        Jwt.Claims((await server.ExchangeAsync(await browser.CodeAsync("shop", other)))["id_token"]!).GetProperty("auth_time").GetInt64();

    // The way back from the page that comes first.
    private static async Task<string> OnwardAsync(Browser browser, string address)
    {
        var answer = await browser.GetAsync(address);
        answer.Status.Should().Be(303);
        return Uri.UnescapeDataString(answer.Headers.Location!.OriginalString.Split("?return=")[1]);
    }

    private static string RequestUri(string onward) => Uri.UnescapeDataString(onward.Split("request_uri=")[1]);

    private static async Task<Answer> SignInAgainAsync(Browser browser)
    {
        await browser.GetAsync("/account/sign-in-again");
        return await browser.PostAsync("/account/sign-in-again", ("password", TestImport.Password), ("return", "/account"));
    }
}
