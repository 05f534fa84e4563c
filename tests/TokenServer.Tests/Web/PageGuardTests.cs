using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web;

/// <summary>What guards every page, whatever it shows: its headers, and the forms that it takes.</summary>
public sealed class PageGuardTests
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    [Fact]
    public async Task No_form_is_taken_without_its_antiforgery_token()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var browser = await Browser.OfAsync(server);
        using var other = await Browser.OfAsync(server);
        using var jane = await Browser.OfAsync(server, "jane");
        using var stranger = new Browser(server);
        await stranger.GetAsync("/account/sign-in");
        string before = State(server);
        // None, rubbish, a stranger's, another account's, and that of the same account's other session.
        foreach (string token in new[] { "", "CfDJ8A", stranger.Token, jane.Token, other.Token })
        {
            foreach (string path in Forms(server))
            {
                browser.Token = token;
                (await browser.PostAsync(path, Fields)).Status.Should().Be(400, path);
            }
        }
        State(server).Should().Be(before);
        await browser.GetAsync("/account");
        (await browser.PostAsync("/account/sign-out")).Status.Should().Be(303);
    }

    [Fact]
    public async Task A_token_without_its_cookie_is_none()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        using var copy = new Browser(server) { Token = browser.Token };
        copy.SetCookie("tokenserver_session", browser.Cookie("tokenserver_session")!);
        (await copy.PostAsync("/account/tunnels", ("name", "office"))).ShouldSay(400, "This form is out of date, so nothing was done. Go back, reload the page and try again.");
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task No_form_of_another_site_is_taken_even_with_a_good_token(string header, string value)
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var browser = await Browser.OfAsync(server);
        string before = State(server);
        foreach (string path in Forms(server)) (await browser.PostAsync(path, Fields, [(header, value)])).Status.Should().Be(403, path);
        State(server).Should().Be(before);
        (await browser.PostAsync("/account/tunnels", [("name", "office")], [("Origin", server.Address), ("Sec-Fetch-Site", "same-origin")])).Status.Should().Be(303);
    }

    [Fact]
    public async Task A_strangers_form_is_not_taken_but_leads_to_the_sign_in()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var stranger = new Browser(server);
        string before = State(server);
        foreach (string path in Forms(server).Where(p => p is not "/account/sign-in" and not "/account/sign-in/passkey" and not "/account/second-factor"))
            (await stranger.PostAsync(path, Fields)).ShouldAskToSignIn(string.Join('/', path.Split('/').Take(3)));
        State(server).Should().Be(before);
    }

    [Fact]
    public async Task Every_page_forbids_what_it_does_not_need()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        using var stranger = new Browser(server);
        string[] pages = ["/account", "/account/tunnels", "/account/keys", "/account/sessions", "/account/apps", "/account/password", "/account/two-factor", "/account/passkeys", "/account/profile", "/account/email", "/account/sign-in-again", "/account/consent", "/account/choose", "/account/second-factor-needed", "/connect/verify", "/connect/verify/nothing", "/account/nothing", "/admin/nothing", "/account/sign-out"];
        var answers = new List<Answer>();
        foreach (string page in pages) answers.Add(await browser.GetAsync(page));
        foreach (string page in pages) answers.Add(await stranger.GetAsync(page));
        answers.Add(await browser.PostAndFollowAsync("/account/tunnels", ("name", "office")));
        answers.Add(await browser.PostAsync("/account/tunnels", [], [("Origin", "null")]));
        foreach (var answer in answers)
        {
            Header(answer, "Content-Security-Policy").Should().Be(Policy);
            Header(answer, "X-Content-Type-Options").Should().Be("nosniff");
            Header(answer, "X-Frame-Options").Should().Be("DENY");
            Header(answer, "Referrer-Policy").Should().Be("same-origin");
            answer.Headers.CacheControl!.ToString().Should().Be("no-store");
            answer.Body.Should().NotContain("style=").And.NotContain("<style").And.NotMatchRegex("<script(?! src=\"/account/files/)|\\son[a-z]+=");
        }
        Header(answers[0], "Content-Type").Should().Be("text/html; charset=utf-8");
    }

    [Fact]
    public async Task What_no_page_answers_is_a_page_all_the_same()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        (await browser.GetAsync("/account/nothing")).ShouldSay(404, "There is no such page.");
        (await browser.GetAsync("/account/sessions/end-others")).ShouldSay(405, "This address cannot be used like that.");
        foreach (string type in (string[])["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain"])
        {
            var content = new ByteArrayContent("garbage"u8.ToArray());
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            (await browser.SendAsync(new(HttpMethod.Post, "/account/tunnels") { Content = content })).ShouldSay(415, "This address takes forms only.");
        }
        (await browser.PostAsync("/account/tunnels", ("name", new string('x', 70_000)))).ShouldSay(413, "What was sent is too large.");
        (await browser.PostAsync("/account/tunnels", [.. Enumerable.Range(0, 2000).Select(i => ("f" + i, ""))])).ShouldSay(400, "The request was not understood.");
        (await browser.GetAsync("/account", ("Host", "a$(b)"))).Status.Should().BeOneOf(200, 400);
        await using var production = await TestServer.StartAsync(["--TokenServer:RequireHttps=true"]);
        using var plain = new Browser(production);
        (await plain.GetAsync("/account/sign-in")).ShouldSay(403, "This page is served over HTTPS only.");
    }

    [Theory]
    [InlineData("pages.css", "text/css; charset=utf-8")]
    [InlineData("pages.js", "text/javascript; charset=utf-8")]
    [InlineData("icon.svg", "image/svg+xml")]
    public async Task The_pages_files_are_kept_for_good_under_the_address_that_the_pages_use(string name, string type)
    {
        await using var server = await TestServer.StartAsync();
        using var browser = new Browser(server);
        string page = (await browser.GetAsync("/account/sign-in")).Body, address = page[page.IndexOf("/account/files/" + name, StringComparison.Ordinal)..];
        var file = await browser.GetAsync(address[..address.IndexOf('"', StringComparison.Ordinal)]);
        (file.Status, Header(file, "Content-Type"), file.Headers.CacheControl!.ToString()).Should().Be((200, type, "public, max-age=31536000, immutable"));
        (await browser.GetAsync("/account/files/" + name)).Headers.CacheControl!.ToString().Should().Be("no-cache");
        (await browser.GetAsync("/account/files/" + name, ("If-None-Match", file.Headers.ETag!.ToString()))).Status.Should().Be(304);
    }

    [Fact]
    public async Task No_other_face_reads_a_browsers_cookie()
    {
        await using var server = await TestServer.StartAsync(Browser.AllLogged);
        using var browser = await Browser.OfAsync(server);
        int before = server.Log.Lines.Count(IsOfTheCookie);
        (await browser.GetAsync("/.well-known/jwks")).Status.Should().Be(200);
        (await browser.GetAsync("/auth/me")).Status.Should().Be(401);
        server.Log.Lines.Count(IsOfTheCookie).Should().Be(before);
        (await browser.GetAsync("/account")).Status.Should().Be(200);
        server.Log.Lines.Count(IsOfTheCookie).Should().BeGreaterThan(before);

        static bool IsOfTheCookie(string line) => line.Contains("Microsoft.AspNetCore.Authentication", StringComparison.Ordinal);
    }

    // What a form of any page could want: all of it right, so that only the guard stands before the act.
    private static readonly (string, string)[] Fields =
    [
        ("username", "bob"), ("name", "office"), ("password", TestImport.Password), ("current_password", TestImport.Password),
        ("new_password", "a new and better one"), ("repeated_password", "a new and better one"), ("code", "000000"),
        ("email", "fresh@example.com"), ("answer", "confirm"),
    ];

    // The routes themselves say which forms there are: a new one is tried without a word here.
    private static List<string> Forms(TestServer server)
    {
        var forms = server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("POST") == true && e.RoutePattern.RawText is { } path && (path.StartsWith("/account", StringComparison.Ordinal) || path.StartsWith("/admin", StringComparison.Ordinal) || path.StartsWith("/connect/verify", StringComparison.Ordinal)) && !path.StartsWith("/admin/api", StringComparison.Ordinal))
            .Select(e => e.RoutePattern.RawText!.Replace("{id:int}", "1", StringComparison.Ordinal).Replace("{tunnel:int}", "1", StringComparison.Ordinal).Replace("{id}", "key_0000000000000", StringComparison.Ordinal).Replace("{passkey}", "0000000000000", StringComparison.Ordinal).Replace("{change}", "0000000000000", StringComparison.Ordinal).Replace("{authenticator}", "0000000000000", StringComparison.Ordinal)).ToList();
        forms.Should().HaveCountGreaterThan(12).And.Contain(["/account/password", "/account/sessions/end-others"]);
        return forms;
    }

    // Everything of the accounts that a form could change.
    private static string State(TestServer server) => server.Get<Database>().Read(s => string.Join(' ', new[]
    {
        """SELECT "Id" || "PasswordHash" || "SecurityStamp" FROM "AspNetUsers" ORDER BY "Id" """, """SELECT "Name" || "Secret" FROM "Authenticators" ORDER BY "Id" """, """SELECT "Id" || "Status" FROM "OpenIddictAuthorizations" ORDER BY "Id" """,
        """SELECT "Name" || "TokenHash" FROM "Tunnels" ORDER BY "Id" """, """SELECT "Name" FROM "ApiKeys" ORDER BY "Id" """, """SELECT "Name" FROM "Passkeys" ORDER BY "Id" """, """SELECT "Email" FROM "EmailChanges" ORDER BY "Id" """, """SELECT "Scopes" FROM "Consents" """, """SELECT "Event" FROM "Audit" ORDER BY "Id" """,
    }.SelectMany(sql => s.All(sql, r => r.GetString(0)))));

    private static string? Header(Answer answer, string name) => answer.Headers.TryGetValues(name, out var values) || answer.ContentHeaders.TryGetValues(name, out values) ? string.Join('|', values) : null;
}
