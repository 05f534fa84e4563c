using System.Text.RegularExpressions;
using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The page without JavaScript: the same through a plain form, with the server's words.</summary>
[Collection(ChromiumTests.Name)]
public sealed class PlainFormTests(Chromium chromium)
{
    [NeedsChromiumFact]
    public async Task A_code_is_in_the_answer_to_the_form_with_the_time_when_it_ends()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await OpenAsync(server);
        await Expect(visit.Page.Locator("[data-copy]").First).ToBeHiddenAsync();
        string code = await visit.IssueAsync();
        code.Should().MatchRegex("^IPT-SD(-[0-9A-HJKMNP-TV-Z]{6}){3}$");
        await Expect(visit.Page.Locator("#valid")).ToHaveTextAsync("Valid for 5 minutes, until 12:05:00 UTC. It works once.");
        await Expect(visit.Page.Locator("#valid time")).ToHaveAttributeAsync("datetime", "2026-11-21T12:05:00+00:00");
        await Expect(visit.Page.Locator("#command")).ToContainTextAsync($"SLOWDNS_URL={server.Address} ");
        visit.Page.Url.Should().Be($"{server.Address}/slowdns", "a code is never part of an address");
        server.Issued.Should().Be(1);
    }

    [NeedsChromiumFact]
    public async Task A_reload_asks_for_no_other_code_and_says_that_it_was_shown()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await OpenAsync(server);
        string code = await visit.IssueAsync();
        await visit.Page.ReloadAsync();
        await Expect(visit.Page.GetByText("Your code was shown once, and is not shown again.")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByText(code)).ToHaveCountAsync(0);
        await visit.Page.ReloadAsync();
        await Expect(visit.Page.GetByText("Your code was shown once")).ToHaveCountAsync(0);
        server.Issued.Should().Be(1);
    }

    [NeedsChromiumFact]
    public async Task The_limit_says_when_to_come_again()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await OpenAsync(server);
        await visit.IssueAllAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(20));
        var answer = await visit.Page.RunAndWaitForResponseAsync(() => visit.Issue.ClickAsync(), r => r.Request.Method == "POST");
        answer.Status.Should().Be(429);
        (await answer.HeaderValueAsync("Retry-After")).Should().Be("2980");
        await Expect(visit.Error).ToContainTextAsync("You may ask for another code at 13:00 UTC (in 50 minutes).");
        await Expect(visit.Code).ToBeHiddenAsync();
    }

    [NeedsChromiumFact]
    public async Task The_limit_of_a_day_says_which_day()
    {
        await using var server = await PageServer.StartAsync(s => s.CodesPerIpPerDay = 1);
        await using var visit = await OpenAsync(server);
        await visit.IssueAsync();
        await visit.Issue.ClickAsync();
        await Expect(visit.Error).ToContainTextAsync("at 22 November, 12:00 UTC (in 24 hours).");
    }

    [NeedsChromiumFact]
    public async Task A_session_that_has_ended_is_told_and_can_be_made_anew()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await OpenAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(31));
        var answer = await visit.Page.RunAndWaitForResponseAsync(() => visit.Issue.ClickAsync(), r => r.Request.Method == "POST");
        answer.Status.Should().Be(403);
        (await answer.HeaderValueAsync("Set-Cookie")).Should().BeNull("only loading the page makes a session");
        await Expect(visit.Error).ToContainTextAsync("This page was open too long");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Reload the page" }).ClickAsync();
        await Expect(visit.Error).ToBeEmptyAsync();
        await visit.IssueAsync();
    }

    [NeedsChromiumFact]
    public async Task Asking_by_the_form_keeps_the_session_alive()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await OpenAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(20));
        await visit.IssueAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(20));
        await visit.IssueAsync();
    }

    [NeedsChromiumFact]
    public async Task A_form_sent_before_the_script_had_come_gets_a_code_that_counts_down()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await Visit.OpenAsync(chromium, server);
        await visit.Page.RouteAsync("**/page.js*", route => route.AbortAsync());
        await visit.Page.ReloadAsync();
        await visit.Page.UnrouteAsync("**/page.js*");
        await visit.IssueAsync();
        await Expect(visit.Countdown).ToHaveTextAsync(new Regex("^(5:00|4:5[0-9])$"));
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Copy code" })).ToBeVisibleAsync();
    }

    private Task<Visit> OpenAsync(PageServer server) => Visit.OpenAsync(chromium, server, new() { JavaScriptEnabled = false });
}
