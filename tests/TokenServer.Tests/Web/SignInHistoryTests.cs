using TokenServer.SignIns;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Passkeys;

namespace TokenServer.Tests.Web;

/// <summary>What an account's owner sees of its sign-ins: the browser in words, and the latest that succeeded or did not.</summary>
public sealed class SignInHistoryTests
{
    private const string Firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

    [Theory]
    [InlineData(Firefox, "Firefox on Windows")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15", "Safari on a Mac")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1", "Safari on an iPhone")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1", "Chrome on an iPhone")]
    [InlineData("Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet on Android")]
    [InlineData("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "Chrome on ChromeOS")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0", "Opera on Linux")]
    [InlineData("Mozilla/5.0 (PlayStation 5) Firefox/1", "Firefox")]
    [InlineData("Mozilla/5.0 (compatible; <script>)", null)]
    [InlineData("curl/8.5.0", null)]
    [InlineData("okhttp/4.12.0", null)]
    [InlineData("", null)]
    public void A_browser_is_a_few_words_of_ours(string userAgent, string? words) => BrowserWords.Of(userAgent).Should().Be(words);

    [Fact]
    public async Task A_session_is_known_by_its_browser_and_nothing_else_of_what_that_says_is_kept()
    {
        await using var server = await TestServer.StartAsync();
        using Browser browser = await Browser.OfAsync(server), other = new(server);
        await other.GetAsync("/account/sign-in");
        (await other.PostAsync("/account/sign-in", [("username", "bob"), ("password", TestImport.Password)], [("User-Agent", Firefox)])).ShouldGoTo("/account");
        string page = (await browser.GetAsync("/account/sessions")).Body;
        page.Should().Contain("<strong>This site, in Firefox on Windows</strong>").And.Contain("This site and its apps <span class=\"badge\">this one</span>");
        server.Get<TokenServer.Storage.Database>().Read(s => s.All("""SELECT "Properties" FROM "OpenIddictAuthorizations" """, r => r.GetString(0)))
            .Should().NotContain(p => p.Contains("Mozilla", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_latest_sign_ins_and_refusals_are_told_to_their_account_alone()
    {
        await using var server = await PasskeyVisits.StartAsync("--Accounts:LockoutFailures=2");
        using var passkey = await server.PasskeyAsync();
        passkey.IsForged = true;
        await new Browser(server).SignInAsync(passkey);
        for (int i = 0; i < 2; i++) await new Browser(server).SignInAsync("bob", "wrong");
        await new Browser(server).SignInAsync("bob");
        await new Browser(server).SignInAsync("nobody");
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        using Browser bob = await Browser.OfAsync(server), jane = await Browser.OfAsync(server, "jane");
        string page = (await bob.GetAsync("/account/sessions")).Body;
        foreach (string words in (string[])["Signed in ·", "Refused: a wrong passkey ·", "Refused: a wrong password ·", "Refused: the account was locked or disabled ·", "Locked for a while: too many wrong passwords ·"])
            page.Should().Contain(words);
        page.Should().Contain("from 127.0.0.1");
        (await jane.GetAsync("/account/sessions")).Body.Should().Contain("Signed in ·").And.NotContain("Refused").And.NotContain("Locked");
    }
}
