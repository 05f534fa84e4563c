using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using TokenServer.Tests.Contract;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web;

/// <summary>Password and second factor on the account's pages, and the recent sign-in that they need.</summary>
public sealed partial class CredentialPageTests
{
    private const string NewPassword = "a new and better one";

    [Fact]
    public async Task A_changed_password_keeps_this_session_and_ends_the_others()
    {
        await using var server = await TestServer.StartAsync(Browser.AllLogged);
        using var browser = await Browser.OfAsync(server);
        using var other = await Browser.OfAsync(server);
        string inTunnel = await server.SessionTokenAsync("bob");
        (await ChangeAsync(browser)).ShouldGoTo("/account", "PasswordChanged");
        (await browser.GetAsync("/account")).Notice().Should().Be("Your password is changed, and all other sessions have ended.");
        (await other.GetAsync("/account")).ShouldAskToSignIn("/account");
        (await server.GetAsync("/api/tunnels", inTunnel)).Status.Should().Be(401);
        (await new Browser(server).SignInAsync()).Status.Should().Be(401);
        (await new Browser(server).SignInAsync(password: NewPassword)).Status.Should().Be(303);
        server.AuditedEvents().Should().Contain("account.password_changed");
        server.Log.Lines.Should().NotContain(l => l.Contains(NewPassword, StringComparison.Ordinal) || l.Contains(TestImport.Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_password_that_will_not_do_is_refused_in_words()
    {
        await using var server = await TestServer.StartAsync(["--Accounts:LockoutFailures=2"]);
        using var browser = await Browser.OfAsync(server);
        (await ChangeAsync(browser, next: "short")).ShouldSay(400, "The new password is too weak. See the hint below it.");
        (await ChangeAsync(browser, repeated: "another")).ShouldSay(400, "The new password and its repetition are not the same.");
        (await browser.PostAsync("/account/password")).ShouldSay(400, "Enter both passwords.");
        for (int i = 0; i < 2; i++) (await ChangeAsync(browser, current: "wrong")).ShouldSay(401, "The current password is wrong.");
        (await ChangeAsync(browser)).ShouldSay(401, "The current password is wrong.");
        (await server.AccountLoginAsync("bob")).Status.Should().Be(401, "a wrong password counts wherever it is typed");
    }

    [Fact]
    public async Task Ten_minutes_later_it_takes_signing_in_again_and_leads_back()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(10));
        (await browser.GetAsync("/account/password")).Status.Should().Be(200);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await browser.GetAsync("/account/password")).ShouldGoTo("/account/sign-in-again?return=%2Faccount%2Fpassword");
        (await ChangeAsync(browser)).ShouldGoTo("/account/sign-in-again?return=%2Faccount%2Fpassword");
        foreach (string form in new[] { "set-up", "enable", "disable" })
            (await browser.PostAsync("/account/two-factor/" + form, ("password", TestImport.Password), ("code", "000000"))).ShouldGoTo("/account/sign-in-again?return=%2Faccount%2Ftwo-factor");
        (await browser.GetAsync("/account/tunnels")).Status.Should().Be(200);
        (await browser.GetAsync("/account/sign-in-again?return=%2Faccount%2Fpassword")).Body.Should().Contain("value=\"bob\"");
        (await browser.PostAsync("/account/sign-in-again", ("password", "wrong"), ("return", "/account/password"))).ShouldSay(401, "The password is wrong.");
        (await browser.PostAsync("/account/sign-in-again", ("password", TestImport.Password), ("return", "/account/password"))).ShouldGoTo("/account/password");
        await browser.GetAsync("/account/password");
        (await ChangeAsync(browser)).ShouldGoTo("/account", "PasswordChanged");
    }

    [Fact]
    public async Task Signing_in_again_takes_the_second_factor_too()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = new Browser(server);
        await browser.SignInAsync("john");
        await browser.GetAsync("/account/second-factor");
        await browser.PostAsync("/account/second-factor", ("code", server.TotpCode()));
        server.Clock.Advance(TimeSpan.FromMinutes(11));
        (await browser.GetAsync("/account/two-factor")).ShouldGoTo("/account/sign-in-again?return=%2Faccount%2Ftwo-factor");
        await browser.GetAsync("/account/sign-in-again");
        (await browser.PostAsync("/account/sign-in-again", ("password", TestImport.Password), ("return", "/account/two-factor"))).ShouldGoTo("/account/second-factor");
        (await browser.GetAsync("/account/two-factor")).ShouldGoTo("/account/sign-in-again?return=%2Faccount%2Ftwo-factor");
        await browser.GetAsync("/account/second-factor");
        (await browser.PostAsync("/account/second-factor", ("code", server.TotpCode()))).ShouldGoTo("/account/two-factor");
        (await browser.GetAsync("/account/two-factor")).Status.Should().Be(200);
    }

    [Fact]
    public async Task The_second_factor_is_set_up_enabled_and_disabled()
    {
        await using var server = await TestServer.StartAsync(Browser.AllLogged);
        using var browser = await Browser.OfAsync(server);
        (await browser.PostAsync("/account/two-factor/enable", ("code", "123456"))).ShouldSay(400, "The code is wrong.");
        var setup = await browser.PostAndFollowAsync("/account/two-factor/set-up");
        string secret = setup.Secret("secret")!;
        Encoding.UTF8.GetString(Convert.FromBase64String(Picture().Match(WebUtility.HtmlDecode(setup.Body)).Groups[1].Value)).Should().StartWith("<svg").And.NotContain("style");
        (await browser.GetAsync("/account/two-factor")).Body.Should().NotContain(secret);
        (await browser.PostAsync("/account/two-factor/enable", ("code", "000000"))).ShouldSay(400, "The code is wrong.");
        var enabled = await browser.PostAndFollowAsync("/account/two-factor/enable", ("code", Code(server, secret)));
        string[] codes = enabled.Secret("codes")!.Split('\n');
        codes.Should().HaveCount(10).And.OnlyHaveUniqueItems();
        string page = (await browser.GetAsync("/account/two-factor")).Body;
        page.Should().Contain("It is <strong>on</strong>").And.NotContain(codes[0]).And.NotContain(secret);
        (await new Browser(server).SignInAsync()).ShouldGoTo("/account/second-factor");
        (await browser.PostAsync("/account/two-factor/set-up")).ShouldGoTo("/account/two-factor");
        (await DisableAsync(browser, "wrong", codes[0])).ShouldSay(401, "The password is wrong.");
        (await DisableAsync(browser, TestImport.Password, "000000")).ShouldSay(401, "The code is wrong, or was used before.");
        (await DisableAsync(browser, TestImport.Password, codes[0])).ShouldGoTo("/account/two-factor", "TwoFactorOff");
        (await new Browser(server).SignInAsync()).ShouldGoTo("/account");
        server.AuditedEvents().Should().ContainInOrder("second_factor.enabled", "second_factor.failed", "second_factor.disabled");
        foreach (string hidden in codes.Append(secret)) server.Log.Lines.Should().NotContain(l => l.Contains(hidden, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Recovery_codes_are_counted_and_made_anew_by_a_code()
    {
        const string Path = "/account/two-factor/recovery-codes", Wrong = "The code is wrong, or was used before.";
        await using var server = await TestServer.StartAsync(Browser.AllLogged);
        using var browser = await Browser.OfAsync(server);
        string secret = (await browser.PostAndFollowAsync("/account/two-factor/set-up")).Secret("secret")!;
        var enabled = await browser.PostAndFollowAsync("/account/two-factor/enable", ("code", Code(server, secret)));
        string[] old = enabled.Secret("codes")!.Split('\n');
        enabled.Body.Should().Contain("download=\"recovery-codes.txt\"").And.Contain("Each%20of%20them%20signs%20you%20in%20once.%0A%0A" + old[0] + "%0A");
        (await browser.GetAsync("/account/two-factor")).Body.Should().Contain("You have <strong>10</strong> left.").And.NotContain("Make new ones before");
        (await browser.PostAsync(Path, ("code", Code(server, secret)))).ShouldSay(401, Wrong);
        (await browser.PostAsync(Path)).ShouldSay(401, Wrong);
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        var replaced = await browser.PostAndFollowAsync(Path, ("code", Code(server, secret)));
        replaced.Notice().Should().Be("Your recovery codes are new. The old ones are good for nothing.");
        string[] codes = replaced.Secret("codes")!.Split('\n');
        codes.Should().HaveCount(10).And.NotIntersectWith(old);
        (await browser.PostAsync(Path, ("code", old[0]))).ShouldSay(401, Wrong);
        for (int i = 0; i < 7; i++) await UseAsync(codes[i]);
        (await browser.GetAsync("/account/two-factor")).Body.Should().Contain("You have <strong>3</strong> left.").And.Contain("Make new ones before you need one and have none.");
        server.AuditedEvents().Should().Contain("recovery_codes.replaced");
        foreach (string hidden in codes.Concat(old)) server.Log.Lines.Should().NotContain(l => l.Contains(hidden, StringComparison.Ordinal));

        async Task UseAsync(string code)
        {
            using var other = new Browser(server);
            await other.SignInAsync();
            await other.GetAsync("/account/second-factor");
            (await other.PostAsync("/account/second-factor", ("code", code))).ShouldGoTo("/account");
        }
    }

    [Fact]
    public async Task Nobody_without_a_second_factor_gets_recovery_codes()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        (await browser.PostAsync("/account/two-factor/recovery-codes", ("code", "123456"))).Status.Should().Be(401);
        server.AuditedEvents().Should().NotContain("recovery_codes.replaced");
    }

    private static Task<Answer> ChangeAsync(Browser browser, string current = TestImport.Password, string next = NewPassword, string? repeated = null) =>
        browser.PostAsync("/account/password", ("current_password", current), ("new_password", next), ("repeated_password", repeated ?? next));

    private static Task<Answer> DisableAsync(Browser browser, string password, string code) => browser.PostAsync("/account/two-factor/disable", ("password", password), ("code", code));

    private static string Code(TestServer server, string secret) => Authenticator.Code(secret, server.Clock.GetUtcNow());

    [GeneratedRegex("src=\"data:image/svg\\+xml;base64,([^\"]+)\"")]
    private static partial Regex Picture();
}
