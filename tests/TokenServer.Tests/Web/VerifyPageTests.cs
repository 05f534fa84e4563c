using TokenServer.Sessions.Devices;
using TokenServer.Storage;
using TokenServer.Tests.Connect.Device;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web;

/// <summary>/connect/verify: a person says which device is theirs, and allows or denies it (RFC 8628 sections 3.3 and 5, contract section 9).</summary>
public sealed class VerifyPageTests : IAsyncLifetime
{
    private const string Wrong = "No device waits with this code. Look at it again: a code is good for a few minutes, and once.";
    private TestServer server = null!;
    private Browser bob = null!;

    public async Task InitializeAsync()
    {
        server = await DeviceRequests.StartAsync();
        bob = await Browser.OfAsync(server);
        await bob.GetAsync(DeviceRequests.Verify);
    }

    public async Task DisposeAsync()
    {
        bob.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_stranger_signs_in_first_and_comes_back_with_the_code_that_the_link_had()
    {
        var device = await server.AskAsync();
        string link = $"{DeviceRequests.Verify}?user_code={device.UserCode}";
        using var stranger = new Browser(server);
        (await stranger.GetAsync(link)).ShouldAskToSignIn(link);
        (await stranger.SignInAsync(returnPath: link)).ShouldGoTo(link);
        (await stranger.GetAsync(link)).Body.Should().Contain($"value=\"{device.UserCode}\"");
        using var another = new Browser(server);
        (await another.PostAsync(DeviceRequests.Decide, ("user_code", device.UserCode), ("decision", "allow"))).ShouldAskToSignIn(DeviceRequests.Verify);
        (await server.PollAsync(device)).ShouldRefuse("authorization_pending");
    }

    [Fact]
    public async Task A_link_fills_the_form_and_does_nothing_else()
    {
        var device = await server.AskAsync(name: "Kitchen");
        var page = await bob.GetAsync($"{DeviceRequests.Verify}?user_code={device.UserCode}");
        page.Status.Should().Be(200);
        page.Body.Should().Contain($"value=\"{device.UserCode}\"").And.NotContain("Kitchen").And.NotContain("decision");
        foreach (string query in (string[])["?user_code=", "?user_code=WDJB", "?user_code=%3Cscript%3E", "?user_code=a&user_code=b", "?user_code=%FF%00", "?decision=allow&user_code=" + device.UserCode, "?user_code=" + new string('B', 3000)])
        {
            var answer = await bob.GetAsync(DeviceRequests.Verify + query);
            answer.Status.Should().Be(200, query);
            answer.Body.Should().NotContain("<script>").And.NotContain("Kitchen");
        }
        (await server.PollAsync(device)).ShouldRefuse("authorization_pending");
    }

    [Theory]
    [InlineData("/device", "/connect/verify")]
    [InlineData("/device?user_code=wdjbmjht", "/connect/verify?user_code=WDJB-MJHT")]
    [InlineData("/device?user_code=ABCD-EFGH", "/connect/verify?user_code=ABCD-EFGH")]
    [InlineData("/device?user_code=wdjb+mjh", "/connect/verify?user_code=wdjb%20mjh")]
    [InlineData("/device?user_code=ABCDEFGHIJKLM", "/connect/verify")]
    [InlineData("/device?user_code=%0d%0aSet-Cookie:x", "/connect/verify")]
    [InlineData("/device?user_code=//evil.example", "/connect/verify")]
    public async Task The_short_address_leads_to_the_page(string address, string page) => (await bob.GetAsync(address)).ShouldGoTo(page);

    [Fact]
    public async Task A_code_that_was_mistyped_in_the_link_is_there_to_be_mended() =>
        (await bob.GetAsync(DeviceRequests.Verify + "?user_code=ABCD-EFGH")).Body.Should().Contain("value=\"ABCD-EFGH\"");

    [Fact]
    public async Task A_device_that_is_allowed_is_among_the_apps_and_taken_back_there()
    {
        var device = await server.AskAsync();
        await bob.DecideAsync(device.UserCode);
        var tokens = await server.PollLaterAsync(device);
        tokens.Status.Should().Be(200, tokens.Body);
        (await bob.GetAsync("/account/apps")).Body.Should().Contain("The television").And.Contain("<li>Use API</li>");
        (await bob.PostAsync("/account/apps/withdraw", ("client_id", "tv"))).ShouldGoTo("/account/apps", "AppWithdrawn");
        (await server.IsActiveAsync(tokens["access_token"]!)).Should().BeFalse();
        (await bob.GetAsync("/account/apps")).Body.Should().NotContain("The television");
    }

    [Fact]
    public async Task The_page_shows_which_device_asks()
    {
        var device = await server.AskAsync("openid offline_access api", "Kitchen <i>\"screen\"</i>");
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        var page = await bob.PostAsync(DeviceRequests.Verify, ("user_code", device.UserCode));
        page.Status.Should().Be(200);
        page.Body.Should().Contain("The television").And.Contain("Kitchen &lt;i&gt;").And.NotContain("<i>").And.Contain("127.0.0.1")
            .And.Contain("21 Nov 2026, 12:00 UTC").And.Contain($">{device.UserCode}<").And.Contain("<strong>bob</strong>")
            .And.Contain("Sign you in, and know you again").And.Contain("Keep this access while you are away").And.Contain("<li>Use API</li>");
        (await server.PollAsync(device)).ShouldRefuse("authorization_pending");
    }

    [Theory]
    [InlineData("{0}{1}")]
    [InlineData("  {0} {1}\t")]
    [InlineData("{0}\u2013{1}")]
    [InlineData("{0}\u2014{1}")]
    [InlineData("{0}\u2011{1}")]
    [InlineData("{0}\u2212{1}")]
    [InlineData("{0}\uFF0D{1}")]
    [InlineData("{0}\u00A0-\u2009{1}")]
    [InlineData("\u200B{0}\u00AD{1}\uFEFF")]
    public async Task Whatever_stands_between_the_letters_is_forgiven_and_so_is_their_case(string form)
    {
        string code = (await server.AskAsync()).UserCode, typed = string.Format(form, code[..4], code[5..].ToLowerInvariant());
        (await bob.PostAsync(DeviceRequests.Verify, ("user_code", typed))).Body.Should().Contain("decision");
    }

    [Fact]
    public async Task Wide_letters_are_letters()
    {
        string code = (await server.AskAsync()).UserCode, wide = new([.. code.Select(c => c == '-' ? '\uFF0D' : (char)(c - 'A' + '\uFF21'))]);
        (await bob.PostAsync(DeviceRequests.Verify, ("user_code", wide))).Body.Should().Contain("decision");
    }

    [Fact]
    public async Task Only_a_code_that_waits_shows_a_device()
    {
        var (waiting, denied, used) = (await server.AskAsync(), await server.AskAsync(), await server.AskAsync());
        await bob.DecideAsync(denied.UserCode, "deny");
        await bob.DecideAsync(used.UserCode);
        await server.PollAsync(used);
        foreach (string code in (string[])[denied.UserCode, used.UserCode, "WDJB-MJHT", waiting.UserCode + "B", waiting.UserCode[..8], "АВСD-EFGH"])
            (await bob.PostAsync(DeviceRequests.Verify, ("user_code", code))).ShouldSay(400, Wrong);
        (await bob.PostAsync(DeviceRequests.Verify)).ShouldSay(400, "Enter the code that your device shows.");
        (await bob.PostAsync(DeviceRequests.Verify, ("user_code", waiting.UserCode), ("user_code", waiting.UserCode))).Status.Should().Be(400);
        (await bob.PostAsync(DeviceRequests.Decide, ("user_code", waiting.UserCode))).Status.Should().Be(400);
        (await bob.PostAsync(DeviceRequests.Decide, ("user_code", waiting.UserCode), ("decision", "maybe"))).Status.Should().Be(400);
        (await server.PollAsync(waiting)).ShouldRefuse("authorization_pending");
        server.Clock.Advance(TimeSpan.FromMinutes(10));
        (await bob.PostAsync(DeviceRequests.Decide, ("user_code", waiting.UserCode), ("decision", "allow"))).Status.Should().BeOneOf(400, 429);
        (await server.PollAsync(waiting)).ShouldRefuse("expired_token");
    }

    [Fact]
    public async Task A_yes_that_is_sent_twice_is_one_yes()
    {
        var device = await server.AskAsync();
        await bob.DecideAsync(device.UserCode);
        (await bob.PostAsync(DeviceRequests.Decide, ("user_code", device.UserCode), ("decision", "allow"))).ShouldGoTo("/connect/verify", "DeviceAllowed");
        await server.PollAsync(device);
        (await bob.PostAsync(DeviceRequests.Decide, ("user_code", device.UserCode), ("decision", "allow"))).ShouldGoTo("/connect/verify", "DeviceAllowed");
        (await bob.PostAsync(DeviceRequests.Decide, ("user_code", device.UserCode), ("decision", "deny"))).ShouldSay(400, Wrong);
        server.AuditedEvents().Count(e => e == "device.allowed").Should().Be(1);
    }

    [Fact]
    public async Task Of_two_people_the_first_decides()
    {
        var (first, second) = (await server.AskAsync(), await server.AskAsync());
        using var jane = await Browser.OfAsync(server, "jane");
        await jane.GetAsync(DeviceRequests.Verify);
        await bob.DecideAsync(first.UserCode);
        (await jane.PostAsync(DeviceRequests.Decide, ("user_code", first.UserCode), ("decision", "allow"))).ShouldSay(400, Wrong);
        Jwt.Claims((await server.PollAsync(first))["access_token"]!).Text("sub").Should().Be("3");
        await bob.DecideAsync(second.UserCode, "deny");
        (await jane.PostAsync(DeviceRequests.Decide, ("user_code", second.UserCode), ("decision", "allow"))).ShouldSay(400, Wrong);
        (await server.PollAsync(second)).ShouldRefuse("access_denied");
    }

    [Fact]
    public async Task However_many_decide_at_once_one_does()
    {
        var device = await server.AskAsync();
        var people = new List<Browser>();
        foreach (string user in (string[])["bob", "jane", "bob", "jane"]) people.Add(await Browser.OfAsync(server, user));
        foreach (var person in people) await person.GetAsync(DeviceRequests.Verify);
        var answers = await Task.WhenAll(people.Select((p, i) => p.PostAsync(DeviceRequests.Decide, ("user_code", device.UserCode), ("decision", i % 2 == 0 ? "allow" : "deny"))));
        people.ForEach(p => p.Dispose());
        answers.Count(a => a.Status == 303).Should().BeInRange(1, 2, "the same person's second is the same answer");
        server.AuditedEvents().Count(e => e.StartsWith("device.", StringComparison.Ordinal)).Should().Be(1);
        var poll = await server.PollAsync(device);
        (poll.Status == 200 ? "device.allowed" : "device.denied").Should().Be(server.AuditedEvents().Single(e => e.StartsWith("device.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Who_is_no_administrator_cannot_give_a_device_their_scope()
    {
        var device = await server.AskAsync("openid admin");
        (await bob.DecideAsync(device.UserCode)).ShouldSay(400, "The device asks for what your account may not give.");
        using var jane = await Browser.OfAsync(server, "jane");
        await jane.DecideAsync(device.UserCode);
        (await server.PollAsync(device))["scope"].Should().Be("openid admin");
    }

    [Fact]
    public async Task After_ten_wrong_codes_an_account_looks_at_none_for_ten_minutes()
    {
        await using var proxied = await DeviceRequests.StartAsync("--TokenServer:TrustedProxies:0=127.0.0.1");
        using var browser = await Browser.OfAsync(proxied);
        using var jane = await Browser.OfAsync(proxied, "jane");
        var device = await proxied.AskAsync();
        await browser.GetAsync(DeviceRequests.Verify);
        // From another address each time: it is the account that is counted.
        for (int i = 0; i < 10; i++) (await FromAsync(browser, $"192.0.2.{i}", "BBBB-BBBB")).Status.Should().Be(400);
        var refused = await FromAsync(browser, "192.0.2.99", device.UserCode);
        refused.ShouldSay(429, "There were too many wrong codes. Wait ten minutes and try again.");
        refused.Headers.RetryAfter!.Delta.Should().BeGreaterThan(TimeSpan.FromMinutes(9));
        (await browser.PostAsync(DeviceRequests.Decide, ("user_code", device.UserCode), ("decision", "allow"))).Status.Should().Be(429);
        await jane.GetAsync(DeviceRequests.Verify);
        (await FromAsync(jane, "192.0.2.1", device.UserCode)).Status.Should().Be(200);
        proxied.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        var later = await proxied.AskAsync();
        (await FromAsync(browser, "192.0.2.99", later.UserCode)).Status.Should().Be(200);

        static Task<Answer> FromAsync(Browser browser, string address, string code) =>
            browser.PostAsync(DeviceRequests.Verify, [("user_code", code)], [("X-Forwarded-For", address)]);
    }

    [Fact]
    public async Task After_ten_wrong_codes_an_address_looks_at_none_whoever_types()
    {
        using var jane = await Browser.OfAsync(server, "jane");
        await jane.GetAsync(DeviceRequests.Verify);
        for (int i = 0; i < 10; i++) (await (i % 2 == 0 ? bob : jane).PostAsync(DeviceRequests.Verify, ("user_code", "BBBB-BBBB"))).Status.Should().Be(400);
        string code = (await server.AskAsync()).UserCode;
        foreach (var browser in (Browser[])[bob, jane]) (await browser.PostAsync(DeviceRequests.Verify, ("user_code", code))).Status.Should().Be(429);
    }

    [Fact]
    public async Task Guesses_that_come_at_once_are_bounded_too()
    {
        string code = (await server.AskAsync()).UserCode;
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => bob.PostAsync(DeviceRequests.Verify, ("user_code", "BBBB-BBBB"))));
        answers.Count(a => a.Status == 400).Should().Be(10);
        answers.Count(a => a.Status == 429).Should().Be(30);
        (await bob.PostAsync(DeviceRequests.Verify, ("user_code", code))).Status.Should().Be(429);
    }

    [Fact]
    public async Task Right_codes_use_nothing_up()
    {
        for (int i = 0; i < 12; i++) (await bob.DecideAsync((await server.AskAsync()).UserCode)).Status.Should().Be(303);
    }

    [Theory]
    [InlineData("PUT", "/connect/verify", 405)]
    [InlineData("DELETE", "/connect/verify", 405)]
    [InlineData("GET", "/connect/verify/decide", 405)]
    [InlineData("POST", "/device", 405)]
    [InlineData("GET", "/connect/verify/nothing", 404)]
    [InlineData("HEAD", "/connect/verify", 200)]
    [InlineData("HEAD", "/device", 303)]
    public async Task Other_methods_and_addresses_are_answered_as_pages(string method, string path, int status)
    {
        var answer = await bob.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        answer.Status.Should().Be(status);
        if (status >= 400) answer.ContentHeaders.ContentType!.ToString().Should().Be("text/html; charset=utf-8");
    }

    [Fact]
    public async Task What_is_no_form_is_refused_as_by_every_page()
    {
        foreach (string path in (string[])[DeviceRequests.Verify, DeviceRequests.Decide])
        {
            var json = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json") };
            (await bob.SendAsync(json)).Status.Should().Be(415);
            (await bob.PostAsync(path, ("user_code", new string('B', 70_000)))).Status.Should().Be(413);
            (await bob.PostAsync(path, ("user_code", new string('B', 5_000)), ("decision", "allow"))).Status.Should().Be(400);
        }
    }

    [Fact]
    public async Task A_code_is_found_by_a_key_that_the_database_alone_does_not_have_and_still_after_the_keys_rotated()
    {
        var device = await server.AskAsync();
        await server.Get<TokenServer.Keys.KeyRing>().RotateAsync("ES256", "test");
        var stored = server.Get<Database>().Read(s => s.All("""SELECT "ReferenceId" FROM "OpenIddictTokens" WHERE "ReferenceId" IS NOT NULL""", r => r.GetString(0)));
        server.Get<UserCodeHashes>().All(UserCode.Parse(device.UserCode)!).Should().Contain(stored.Should().ContainSingle().Which);
        await bob.DecideAsync(device.UserCode);
        (await server.PollAsync(device)).Status.Should().Be(200);
    }
}
