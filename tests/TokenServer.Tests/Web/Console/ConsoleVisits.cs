using System.Text.RegularExpressions;
using InstallLifecycle;
using InstallLifecycle.Listing;
using TokenServer.Accounts;
using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Console;

/// <summary>A server whose administrators are john, who has a second factor, and jane, who has none; and what tests ask of the console.</summary>
internal static class ConsoleVisits
{
    public const string Administrator = "john";

    public static async Task<TestServer> StartAsync(params string[] settings)
    {
        var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, .. InstallRequests.NoInstallLimits, .. settings]);
        await server.Get<AccountAdministration>().UpdateAsync(server.IdOf(Administrator), _ => true, a => new AccountChange(a.Email!, a.Name, "admin"), "test");
        return server;
    }

    /// <summary>A browser in the console, on its first page.</summary>
    public static async Task<Browser> OpenConsoleAsync(this TestServer server)
    {
        var browser = new Browser(server);
        (await browser.SignInAsync(Administrator, returnPath: "/admin")).ShouldGoTo("/account/second-factor");
        await browser.GetAsync("/account/second-factor");
        // No code is good twice.
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        (await browser.PostAsync("/account/second-factor", ("code", server.TotpCode()))).ShouldGoTo("/admin");
        (await browser.GetAsync("/admin")).Status.Should().Be(200);
        return browser;
    }

    public static int IdOf(this TestServer server, string user) => server.Get<UserAccounts>().FindByLogin(user)!.Id;

    /// <summary>Sends the form of a page with what the page has in it, changed by <paramref name="fields"/>.</summary>
    public static async Task<Answer> SubmitAsync(this Browser browser, string page, params (string Name, string Value)[] fields)
    {
        var shown = await browser.GetAsync(page);
        shown.Status.Should().Be(200, page);
        return await browser.PostAsync(page, [.. Fields(shown).Where(f => fields.All(g => g.Name != f.Name)), .. fields]);
    }

    /// <summary>What the page's form would send as it is.</summary>
    public static List<(string Name, string Value)> Fields(Answer page) => FieldsOf(Regex.Match(page.Body, "<main.*</main>", RegexOptions.Singleline).Value);

    /// <summary>What a form would send as it is.</summary>
    public static List<(string Name, string Value)> FieldsOf(string form)
    {
        var fields = new List<(string, string)>();
        foreach (Match input in Regex.Matches(form, "<input [^>]*>"))
        {
            bool isTicked = !input.Value.Contains("checkbox", StringComparison.Ordinal) || input.Value.Contains(" checked", StringComparison.Ordinal);
            if (isTicked && Attribute(input.Value, "name") is { } name and not "antiforgery") fields.Add((name, Attribute(input.Value, "value") ?? ""));
        }
        foreach (Match area in Regex.Matches(form, "<textarea [^>]*name=\"([^\"]+)\"[^>]*>([^<]*)</textarea>")) fields.Add((area.Groups[1].Value, Decode(area.Groups[2].Value)));
        foreach (Match select in Regex.Matches(form, "<select [^>]*name=\"([^\"]+)\"[^>]*>(.*?)</select>", RegexOptions.Singleline))
        {
            string options = select.Groups[2].Value, chosen = Regex.Match(options, "<option [^>]*selected[^>]*>") is { Success: true } one ? one.Value : Regex.Match(options, "<option [^>]*>").Value;
            fields.Add((select.Groups[1].Value, Attribute(chosen, "value") ?? ""));
        }
        return fields;
    }

    /// <summary>A figure of a page: sessions, refresh tokens, API keys, tunnels, servers.</summary>
    public static string? Figure(this Answer page, string name) => Regex.Match(page.Body, $"<dt>{name}</dt><dd>([0-9]+)</dd>") is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>All figures of a blast radius.</summary>
    public static string Radius(this Answer page) => string.Join(' ', new[] { "Sessions", "Refresh tokens", "API keys", "Tunnels", "Servers" }.Select(page.Figure));

    /// <summary>Fails unless the last audit entry is this one, by the console's administrator from here.</summary>
    public static void ShouldHaveAudited(this TestServer server, string happened, string? target, string? detail = null)
    {
        var said = server.Get<AuditLog>().List(new AuditFilter(Event: happened), null, 1).Should().ContainSingle().Subject.Said;
        (said.Event, said.Actor, said.Target, said.Address, said.Detail).Should().Be((happened, server.IdOf(Administrator).ToString(), target, "127.0.0.1", detail));
    }

    /// <summary>An installed server, and the code it was made with.</summary>
    public static async Task<(Installation Install, long Code)> InstallAsync(this TestServer server, string last = Installation.Confirm)
    {
        var install = await new Installation(server).UpToAsync(last);
        return (install, server.Get<Lifecycle>().Codes(new ListRequest(null, null, 1))[0].Id);
    }

    /// <summary>Everything that the console can change.</summary>
    public static string State(this TestServer server) => server.Get<Database>().Read(s => string.Join(' ', new[]
    {
        """SELECT "Id" || "Email" || COALESCE("Name", '') || "Role" || "PasswordHash" || "SecurityStamp" || "TwoFactorEnabled" || COALESCE(CAST("DisabledAt" AS TEXT), '') FROM "AspNetUsers" ORDER BY "Id" """,
        """SELECT "ClientId" || COALESCE("ConcurrencyToken", '') || COALESCE("ClientSecret", '') FROM "OpenIddictApplications" ORDER BY "Id" """, """SELECT "Id" || "Status" FROM "OpenIddictAuthorizations" ORDER BY "Id" """,
        """SELECT "KeyId" || COALESCE(CAST("RetiredAt" AS TEXT), '') FROM "SigningKeys" ORDER BY "KeyId" """, """SELECT "Id" || "Status" FROM "InstallCodes" ORDER BY "Id" """, """SELECT "ServerId" || COALESCE(CAST("RevokedAt" AS TEXT), '') FROM "InstallServers" ORDER BY "Id" """,
        """SELECT "Email" FROM "EmailChanges" ORDER BY "Id" """, """SELECT "Name" || "Secret" FROM "Authenticators" ORDER BY "Id" """, """SELECT "Id" || "Event" FROM "Audit" ORDER BY "Id" """,
    }.SelectMany(sql => s.All(sql, r => r.GetString(0)))));

    private static string? Attribute(string tag, string name) => Regex.Match(tag, $" {name}=\"([^\"]*)\"") is { Success: true } match ? Decode(match.Groups[1].Value) : null;

    private static string Decode(string html) => System.Net.WebUtility.HtmlDecode(html);
}
