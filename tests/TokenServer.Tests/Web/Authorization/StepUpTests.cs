using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Authorization;

/// <summary>The step up to a second factor that a client asks for (<c>acr_values</c>, contract section 9).</summary>
public sealed class StepUpTests
{
    private const string Page = "/account/second-factor-needed";

    [Fact]
    public async Task A_code_is_enough_where_the_password_was_a_short_while_ago()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await WithFactorLaterAsync(server);
        var before = Session(server);
        server.Clock.Advance(TimeSpan.FromMinutes(9));
        var asked = await Asked.StoreAsync(server, more: ("acr_values", "urn:tokenserver:acr:mfa"));
        var page = await browser.GetAsync(asked.At(Page));
        page.Body.Should().Contain("asks for your second factor too").And.Contain("name=\"code\"").And.NotContain("name=\"password\"");
        (await browser.PostAsync(Page, ("code", "000000"), asked.Return)).ShouldSay(401, "The code is wrong, or was used before.");
        (await browser.PostAsync(Page, asked.Return)).ShouldSay(400, "Enter the code.");
        string code = server.TotpCode();
        (await browser.PostAsync(Page, ("code", code), asked.Return)).ShouldGoTo(asked.ReturnPath);
        var after = Session(server);
        after.Id.Should().NotBe(before.Id);
        after.Methods.Should().Equal("pwd", "otp", "mfa");
        after.AuthTime.Should().BeCloseTo(before.AuthTime, TimeSpan.FromSeconds(1), "the password is as old as it was");
        (await browser.GetAsync(asked.At(Page))).ShouldGoTo(asked.ReturnPath);
        // A minute later what changes credentials needs the password again: the code did not make the sign-in recent.
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        (await browser.GetAsync("/account/password")).Status.Should().Be(303);
    }

    [Fact]
    public async Task The_password_is_asked_for_too_where_it_was_longer_ago()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await WithFactorLaterAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(11));
        var asked = await Asked.StoreAsync(server);
        (await browser.GetAsync(asked.At(Page))).ShouldGoTo(asked.At("/account/sign-in-again"));
        await browser.GetAsync(asked.At("/account/sign-in-again"));
        // Nor does a code by itself do.
        (await browser.PostAsync(Page, ("code", server.TotpCode()), asked.Return)).ShouldGoTo(asked.At("/account/sign-in-again"));
        (await browser.PostAsync("/account/sign-in-again", ("password", TestImport.Password), asked.Return)).ShouldGoTo("/account/second-factor");
        (await browser.PostAsync("/account/second-factor", ("code", server.TotpCode()))).ShouldGoTo(asked.ReturnPath);
        Session(server).HasSecondFactor.Should().BeTrue();
    }

    [Fact]
    public async Task Wrong_codes_lock_the_second_factor_as_anywhere()
    {
        await using var server = await TestServer.StartAsync(["--Accounts:LockoutFailures=3"]);
        using var browser = await WithFactorLaterAsync(server);
        var asked = await Asked.StoreAsync(server);
        await browser.GetAsync(asked.At(Page));
        for (int i = 0; i < 3; i++) (await browser.PostAsync(Page, ("code", "000000"), asked.Return)).Status.Should().Be(401);
        (await browser.PostAsync(Page, ("code", server.TotpCode()), asked.Return)).Status.Should().Be(401);
        server.AuditedEvents().Should().Contain("second_factor.locked");
        Session(server).HasSecondFactor.Should().BeFalse();
    }

    [Fact]
    public async Task An_account_without_a_second_factor_is_told_so_and_goes_back_with_a_no()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        var asked = await Asked.StoreAsync(server);
        (await browser.GetAsync(asked.At(Page))).Body.Should().Contain("and yours, bob, has none").And.Contain("Back to web");
        (await browser.PostAsync("/account/deny", asked.Return)).ShouldGoTo(asked.ReturnPath);
        asked.Stored(server)!.IsDeniedBy(Session(server, "bob").Id).Should().BeTrue();
    }

    /// <summary>A browser of john that signed in before he had a second factor.</summary>
    private static async Task<Browser> WithFactorLaterAsync(TestServer server)
    {
        void Set(bool isOn) => server.Get<Database>().WriteAsync(s =>
            s.Execute("""UPDATE "AspNetUsers" SET "TwoFactorEnabled"=@p0 WHERE "UserName"='john'""", isOn)).GetAwaiter().GetResult();
        Set(false);
        var browser = await Browser.OfAsync(server, "john");
        Set(true);
        return browser;
    }

    private static OpenSession Session(TestServer server, string user = "john") =>
        server.Get<OpenSessions>().Of(server.Get<UserAccounts>().FindByLogin(user)!.Id).Single(s => s.Client.IsInternal);
}
