using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Connect.Authorize;

/// <summary>Codes at the token endpoint: once, in their minute, for their client, redirect address and verifier (contract section 9).</summary>
public sealed class CodeExchangeTests(CodeServer shared) : IClassFixture<CodeServer>
{
    private readonly TestServer server = shared.Server;
    private readonly Browser bob = shared.Bob;

    [Theory]
    [InlineData("invalid_grant", "redirect_uri", "https://client.example/other")]
    [InlineData("invalid_request", "redirect_uri", null)]
    [InlineData("invalid_grant", "code_verifier", "another-verifier-of-a-test-client-0123456789-01234")]
    [InlineData("invalid_grant", "code_verifier", "short")]
    [InlineData("invalid_request", "code_verifier", null)]
    [InlineData("invalid_request", "code", null)]
    [InlineData("invalid_grant", "code", "ac_0000000000000000000000000000000000000000000")]
    [InlineData("invalid_grant", "code", "nonsense")]
    public async Task A_wrong_exchange_is_refused_and_uses_nothing_up(string error, string parameter, string? value)
    {
        string code = await bob.CodeAsync();
        var refused = await server.ExchangeAsync(code, "shop", (parameter, value));
        (refused.Status, refused["error"]).Should().Be((400, error), refused.Body);
        (await server.ExchangeAsync(code)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_code_shown_by_another_client_is_refused_and_goes_on()
    {
        string code = await bob.CodeAsync();
        (await server.ExchangeAsync(code, "basic"))["error"].Should().Be("invalid_grant");
        var tokens = await server.ExchangeAsync(code);
        tokens.Status.Should().Be(200);
        (await server.ExchangeAsync(code, "basic"))["error"].Should().Be("invalid_grant");
        (await server.IsActiveAsync(tokens["access_token"]!, "api")).Should().BeFalse("its audience is the issuer");
        (await server.UserInfoAsync(tokens["access_token"]!)).Status.Should().Be(200, "the session goes on");
    }

    [Fact]
    public async Task A_verifier_without_a_challenge_is_refused()
    {
        string code = await bob.CodeAsync("basic", ("code_challenge", null), ("code_challenge_method", null));
        (await server.ExchangeAsync(code, "basic"))["error"].Should().Be("invalid_request");
        (await server.ExchangeAsync(code, "basic", ("code_verifier", null))).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_challenge_of_a_client_that_need_not_send_one_holds_all_the_same()
    {
        string code = await bob.CodeAsync("basic");
        (await server.ExchangeAsync(code, "basic", ("code_verifier", null)))["error"].Should().Be("invalid_request");
    }

    [Fact]
    public async Task The_address_of_one_request_is_no_other_of_the_client()
    {
        string code = await bob.CodeAsync("basic");
        (await server.ExchangeAsync(code, "basic", ("redirect_uri", CodeClient.Callback + "/2")))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_client_without_the_grant_is_told_so() =>
        (await server.ExchangeAsync("nonsense", "narrow"))["error"].Should().Be("unauthorized_client");

    [Fact]
    public async Task A_second_use_ends_the_session()
    {
        string code = await bob.CodeAsync("shop", ("scope", "openid offline_access api"));
        var tokens = await server.ExchangeAsync(code);
        (await server.ExchangeAsync(code))["error"].Should().Be("invalid_grant");
        (await server.IsActiveAsync(tokens["access_token"]!)).Should().BeFalse();
        (await server.RefreshAsync(tokens["refresh_token"]!, "shop"))["error"].Should().Be("invalid_grant");
        server.AuditedEvents().Should().Contain("code.reused");
    }

    [Fact]
    public async Task A_second_use_that_would_have_failed_ends_nothing()
    {
        string code = await bob.CodeAsync("shop", ("scope", "api"));
        var tokens = await server.ExchangeAsync(code);
        (await server.ExchangeAsync(code, "shop", ("code_verifier", "another-verifier-of-a-test-client-0123456789-01234"))).Status.Should().Be(400);
        (await server.IsActiveAsync(tokens["access_token"]!)).Should().BeTrue();
    }

    [Fact]
    public async Task Of_64_at_once_one_wins_and_its_session_is_dead()
    {
        string code = await bob.CodeAsync("shop", ("scope", "api"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => server.ExchangeAsync(code)));
        var won = answers.Single(a => a.Status == 200);
        answers.Where(a => a.Status != 200).Should().OnlyContain(a => a["error"] == "invalid_grant");
        (await server.IsActiveAsync(won["access_token"]!)).Should().BeFalse("63 others have the code");
    }

    [Fact]
    public async Task A_code_lives_a_minute_and_a_used_one_is_known_for_days()
    {
        await using var own = await TestServer.StartAsync(FaceRequests.NoLimits, CodeClient.Import);
        using var browser = await Browser.OfAsync(own);
        string late = await browser.CodeAsync(), used = await browser.CodeAsync("shop", ("scope", "openid offline_access"));
        var tokens = await own.ExchangeAsync(used);
        own.Clock.Advance(TimeSpan.FromSeconds(60));
        (await own.ExchangeAsync(late))["error"].Should().Be("invalid_grant");
        own.Clock.Advance(TimeSpan.FromDays(6));
        await own.Get<TokenServer.Pruning.Pruner>().RunAsync(default);
        (await own.ExchangeAsync(used))["error"].Should().Be("invalid_grant");
        (await own.RefreshAsync(tokens["refresh_token"]!, "shop"))["error"].Should().Be("invalid_grant");
    }

    [Theory]
    [InlineData("disabled")]
    [InlineData("revoked")]
    [InlineData("password")]
    [InlineData("signed out")]
    public async Task What_a_code_hangs_on_may_end_before_it_is_exchanged(string what)
    {
        await using var own = await TestServer.StartAsync(FaceRequests.NoLimits, CodeClient.Import);
        using var browser = await Browser.OfAsync(own);
        string code = await browser.CodeAsync();
        var accounts = own.Get<UserAccounts>();
        if (what == "disabled") await accounts.DisableAsync(accounts.FindByLogin("bob")!, "test");
        else if (what == "revoked") await own.Get<ClientRegistry>().RevokeAsync("shop", "test");
        else if (what == "password") await ChangePasswordAsync(browser);
        else (await browser.PostAsync("/account/sign-out")).Status.Should().Be(303);
        (await own.ExchangeAsync(code))["error"].Should().Be(what == "revoked" ? "invalid_client" : "invalid_grant");
    }

    [Fact]
    public async Task A_client_that_was_restored_has_no_code_of_before()
    {
        await using var own = await TestServer.StartAsync(FaceRequests.NoLimits, CodeClient.Import);
        using var browser = await Browser.OfAsync(own);
        string code = await browser.CodeAsync();
        await own.Get<ClientRegistry>().RevokeAsync("shop", "test");
        await own.Get<ClientRegistry>().RestoreAsync("shop", "test");
        (await own.ExchangeAsync(code))["error"].Should().Be("invalid_grant");
    }

    private static async Task ChangePasswordAsync(Browser browser)
    {
        await browser.GetAsync("/account/password");
        var answer = await browser.PostAsync("/account/password", ("current_password", TestImport.Password), ("new_password", "another long password"), ("repeated_password", "another long password"));
        answer.Status.Should().Be(303, answer.Body);
    }
}
