using System.Net;
using System.Text.RegularExpressions;
using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Console;

/// <summary>Anything is found by the words that people use, and why something was refused is read in words (docs/decisions/0039).</summary>
public sealed class ConsoleFindingTests
{
    // A hundred characters, from right to left, with a picture and what looks like markup.
    private static readonly string Long = "שלום <b>😀" + new string('x', 90);

    [Theory]
    [InlineData("/admin/clients")]
    [InlineData("/admin/scopes")]
    [InlineData("/admin/users")]
    [InlineData("/admin/sessions")]
    [InlineData("/admin/logouts")]
    [InlineData("/admin/installs")]
    [InlineData("/admin/installs/activations")]
    [InlineData("/admin/servers")]
    [InlineData("/admin/audit")]
    public async Task Every_list_has_one_search_box_that_keeps_what_was_typed(string list)
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        var page = await john.GetAsync(list + "?q=%22%3Cnothing%25");
        page.Status.Should().Be(200);
        Regex.Matches(page.Body, "type=\"search\"").Should().ContainSingle();
        page.Body.Should().Contain("value=\"&quot;&lt;nothing%\"").And.Contain("<label for=\"q\">").And.NotContain(" in all.");
        (await john.GetAsync(list + "?q=" + new string('a', 255))).Status.Should().Be(400);
        (await john.GetAsync(list + "?sort=sideways")).Status.Should().Be(400);
        (await john.GetAsync(list + "?before=1&after=1")).Status.Should().Be(400);
    }

    [Fact]
    public async Task Users_are_found_by_a_part_of_any_name_and_shown_by_it()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        int bob = server.IdOf("bob");
        await server.Get<AccountAdministration>().UpdateAsync(bob, _ => true, a => new AccountChange(a.Email!, Long, a.Role), "test");
        foreach (string q in (string[])["OB@EX", "שלום", "😀", bob.ToString(), "user_" + bob])
        {
            var page = await john.GetAsync("/admin/users?q=" + Uri.EscapeDataString(q));
            page.Body.Should().Contain("<bdi>bob</bdi>", q).And.Contain("&lt;b&gt;&#x1F600;" + new string('x', 90) + "</bdi>", q).And.NotContain("<bdi>jane</bdi>", q);
        }
        await server.SignInAsync(user: "bob");
        (await john.GetAsync("/admin/sessions?q=b%40ex")).Body.Should().Contain("<bdi>bob</bdi>").And.Contain("<bdi>bob@example.com</bdi>").And.Contain("One in all.");
        (await john.GetAsync("/admin/sessions?q=b%40other")).Body.Should().Contain("There is no such session.");
    }

    [Fact]
    public async Task Pages_lead_to_newer_and_older_ones_in_both_orders()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        for (int i = 0; i < 110; i++) await server.SignInAsync(user: "bob", scope: "api");
        var first = await john.GetAsync("/admin/sessions?q=bob");
        first.Body.Should().Contain("110 in all.").And.NotContain(">Newer<").And.NotContain(">Newest<");
        var second = await john.GetAsync(Link(first, "Older")!);
        var third = await john.GetAsync(Link(second, "Older")!);
        (Link(third, "Older"), Ids(third).Length).Should().Be((null, 10));
        Ids(await john.GetAsync(Link(third, "Newer")!)).Should().Equal(Ids(second));
        Ids(await john.GetAsync(Link(second, "Newer")!)).Should().Equal(Ids(first));
        Ids(await john.GetAsync(Link(third, "Newest")!)).Should().Equal(Ids(first));
        var oldest = await john.GetAsync("/admin/sessions?q=bob&sort=oldest");
        Ids(oldest).Take(10).Should().Equal(Ids(third).Reverse());
        Link(oldest, "Older").Should().BeNull();
        Ids(await john.GetAsync(Link(await john.GetAsync(Link(oldest, "Newer")!), "Older")!)).Should().Equal(Ids(oldest));
    }

    [Fact]
    public async Task The_trail_shows_names_beside_numbers_and_reasons_in_words()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        await server.SignInAsync(user: "bob", password: "wrong");
        await server.Get<ClientRegistry>().UpdateAsync("worker", _ => true, c =>
        {
            c.ClientName = "Nightly jobs";
            return c;
        }, "test");
        await server.TokenAsync("worker", ("grant_type", "password"), ("username", "bob"), ("password", "x"));
        var page = await john.GetAsync("/admin/audit?q=bob");
        page.Body.Should().Contain("Wrong password").And.Contain("<bdi>bob</bdi></a><span class=\"quiet\">" + server.IdOf("bob"));
        (await john.GetAsync("/admin/audit?q=nightly&group=refusals")).Body.Should().Contain("A grant that is not allowed").And.Contain("<bdi>Nightly jobs</bdi></a><span class=\"quiet\">worker</span>");
        (await john.GetAsync("/admin/users/" + server.IdOf("bob"))).Body.Should().Contain("Last refusals").And.Contain("<strong>Wrong password</strong>");
        (await john.GetAsync("/admin/clients/worker")).Body.Should().Contain("<strong>A grant that is not allowed</strong>").And.NotContain("<strong>Wrong password</strong>");
        (await john.GetAsync("/admin/clients/web")).Body.Should().Contain("<strong>Wrong password</strong>");
        (await john.GetAsync("/admin/users/" + server.IdOf("jane"))).Body.Should().NotContain("Last refusals");
    }

    [Fact]
    public async Task The_overview_splits_refusals_by_reason_and_each_bar_leads_to_its_entries()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using (var early = await server.OpenConsoleAsync()) (await early.GetAsync("/admin")).Body.Should().Contain("Nothing was refused.");
        for (int i = 0; i < 3; i++) await server.SignInAsync(user: "bob", password: "wrong");
        server.Clock.Advance(TimeSpan.FromDays(1));
        await server.SignInAsync(user: "nobody", password: "wrong");
        await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("scope", "nothing"));
        await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("scope", "nothing"));
        using var john = await server.OpenConsoleAsync();
        Bars(await john.GetAsync("/admin")).Should().Equal("A scope that is not allowed 2", "No such user 1");
        Bars(await john.GetAsync("/admin?period=yesterday")).Should().Equal("Wrong password 3");
        foreach (string period in (string[])["week", "month"])
            Bars(await john.GetAsync("/admin?period=" + period)).Should().Equal("Wrong password 3", "A scope that is not allowed 2", "No such user 1");
        (await john.GetAsync("/admin?period=aeon")).Status.Should().Be(200);
        var shown = await john.GetAsync("/admin?period=yesterday");
        string link = WebUtility.HtmlDecode(Regex.Match(shown.Body, "<a href=\"(/admin/audit\\?group=refusals[^\"]*)\">Wrong password</a>").Groups[1].Value);
        var entries = await john.GetAsync(link);
        Regex.Matches(entries.Body, "<code>sign_in.failed</code>").Should().HaveCount(3);
        entries.Body.Should().Contain("3 in all.").And.Contain("value=\"wrong_password\"");
    }

    [Fact]
    public async Task Offline_servers_and_locked_users_are_a_choice()
    {
        await using var server = await ConsoleVisits.StartAsync("--Accounts:LockoutFailures=2");
        var (install, _) = await server.InstallAsync();
        for (int i = 0; i < 2; i++) await server.SignInAsync(user: "bob", password: "wrong");
        using (var john = await server.OpenConsoleAsync())
        {
            (await john.GetAsync("/admin/users?status=locked")).Body.Should().Contain("<bdi>bob</bdi>").And.NotContain("<bdi>jane</bdi>");
            (await john.GetAsync("/admin/servers?status=offline")).Body.Should().NotContain(install.ServerId);
        }
        server.Clock.Advance(TimeSpan.FromDays(1));
        using var later = await server.OpenConsoleAsync();
        (await later.GetAsync("/admin")).Body.Should().Contain("href=\"/admin/servers?status=offline\"");
        (await later.GetAsync("/admin/servers?status=offline&q=" + install.Hostname[..4].ToUpperInvariant())).Body.Should().Contain(install.ServerId);
        (await later.GetAsync("/admin/users?status=locked")).Body.Should().Contain("There is no such user.");
    }

    private static string[] Ids(Answer page) => [.. Regex.Matches(page.Body, "href=\"/admin/sessions/([0-9a-v]{13})[?\"]").Select(m => m.Groups[1].Value)];

    private static string? Link(Answer page, string text) =>
        Regex.Match(page.Body, $"<a href=\"([^\"]+)\" rel=\"\\w+\">{text}</a>") is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;

    private static string[] Bars(Answer page) =>
        [.. Regex.Matches(page.Body, "<th scope=\"row\"><a href=\"[^\"]*group=refusals[^\"]*\">([^<]+)</a></th>\\s*<td>([0-9]+)</td>").Select(m => $"{m.Groups[1].Value} {m.Groups[2].Value}")];
}
