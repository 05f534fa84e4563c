using System.Text.RegularExpressions;
using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The page with script (contract section 5, route 2): a code, its countdown, its end, and its limits.</summary>
[Collection(ChromiumTests.Name)]
public sealed class IssueTests(Chromium chromium)
{
    [NeedsChromiumFact]
    public async Task Opening_the_page_sets_the_session_cookie_with_its_flags()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await Visit.OpenAsync(chromium, server);
        var cookie = (await visit.Page.Context.CookiesAsync()).Should().ContainSingle().Subject;
        cookie.Name.Should().Be("slowdns_browser");
        cookie.HttpOnly.Should().BeTrue();
        cookie.SameSite.Should().Be(SameSiteAttribute.Lax);
        cookie.Secure.Should().BeFalse("the test speaks plain HTTP");
        await Expect(visit.Code).ToBeHiddenAsync();
        await Expect(visit.Error).ToBeEmptyAsync();
    }

    [NeedsChromiumFact]
    public async Task A_code_is_shown_in_its_form_and_counts_down()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await Visit.OpenAsync(chromium, server);
        await visit.Page.Clock.PauseAtAsync(server.Clock.GetUtcNow().UtcDateTime.AddSeconds(30));
        (await visit.IssueAsync()).Should().MatchRegex("^IPT-SD(-[0-9A-HJKMNP-TV-Z]{6}){3}$");
        await Expect(visit.Countdown).ToHaveTextAsync("5:00");
        await visit.PassAsync(TimeSpan.FromSeconds(1));
        await Expect(visit.Countdown).ToHaveTextAsync("4:59");
        await visit.PassAsync(TimeSpan.FromSeconds(239));
        await Expect(visit.Countdown).ToHaveTextAsync("1:00");
        await Expect(visit.Page.Locator("#valid")).ToContainTextAsync("until 12:05:00 UTC.");
    }

    [NeedsChromiumFact]
    public async Task Times_are_in_UTC_and_say_so_wherever_the_browser_is()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await Visit.OpenAsync(chromium, server, new() { TimezoneId = "America/Los_Angeles" });
        await visit.IssueAsync();
        await Expect(visit.Page.Locator("#valid")).ToContainTextAsync("until 12:05:00 UTC.");
        await Expect(visit.Page.Locator(".step-time")).ToHaveTextAsync("12:00:00 UTC");
        await visit.Page.ReloadAsync();
        await Expect(visit.Page.Locator(".step-time")).ToHaveTextAsync("12:00:00 UTC");
    }

    [NeedsChromiumFact]
    public async Task The_countdown_does_not_follow_a_clock_that_is_set()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await Visit.OpenAsync(chromium, server);
        await visit.Page.Clock.PauseAtAsync(server.Clock.GetUtcNow().UtcDateTime.AddSeconds(30));
        await visit.IssueAsync();
        await visit.Page.Clock.SetSystemTimeAsync(server.Clock.GetUtcNow().UtcDateTime.AddHours(2));
        await visit.PassAsync(TimeSpan.FromSeconds(2));
        await Expect(visit.Countdown).ToHaveTextAsync("4:58");
    }

    [NeedsChromiumFact]
    public async Task At_zero_the_page_says_that_the_code_has_expired_and_offers_a_new_one()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await Visit.OpenAsync(chromium, server);
        string first = await visit.IssueAsync();
        await visit.PassAsync(TimeSpan.FromSeconds(301));
        await Expect(visit.Page.GetByText("This code has expired.")).ToBeVisibleAsync();
        await Expect(visit.Said).ToHaveTextAsync("The install code has expired.");
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Copy code" })).ToBeHiddenAsync();
        await Expect(visit.Countdown).ToBeHiddenAsync();
        await Expect(visit.Issue).ToHaveTextAsync("Get a new code");
        (await visit.IssueAsync()).Should().NotBe(first);
        await Expect(visit.Countdown).ToHaveTextAsync(new Regex("^(5:00|4:5[0-9])$"));
        await Expect(visit.Page.GetByText("This code has expired.")).ToBeHiddenAsync();
    }

    [NeedsChromiumFact]
    public async Task A_fourth_code_is_refused_with_the_time_when_it_may_be_asked_for()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await Visit.OpenAsync(chromium, server);
        await visit.IssueAsync();
        await visit.PassAsync(TimeSpan.FromMinutes(33));
        await visit.Page.ReloadAsync();
        await visit.IssueAsync();
        string third = await visit.IssueAsync();
        await visit.Page.Clock.SetFixedTimeAsync(server.Clock.GetUtcNow().UtcDateTime);
        await visit.Issue.ClickAsync();
        await Expect(visit.Error).ToContainTextAsync("Limit reached");
        await Expect(visit.Error).ToContainTextAsync("You may ask for another code at 13:00 UTC (in 27 minutes).");
        await Expect(visit.Code).ToHaveTextAsync(third);
        server.Issued.Should().Be(3);
    }

    [NeedsChromiumFact]
    public async Task When_the_wait_is_over_the_page_says_so_and_a_code_is_issued()
    {
        await using var server = await PageServer.StartAsync(s => s.BrowserSessionLifetime = TimeSpan.FromHours(3));
        await using var visit = await Visit.OpenAsync(chromium, server);
        await visit.IssueAllAsync();
        await visit.Issue.ClickAsync();
        await Expect(visit.Error).ToContainTextAsync("Limit reached");
        await visit.PassAsync(TimeSpan.FromMinutes(61));
        await Expect(visit.Error).ToContainTextAsync("you may ask for another code now");
        await visit.IssueAsync();
        await Expect(visit.Error).ToBeEmptyAsync();
    }

    [NeedsChromiumFact]
    public async Task A_page_that_was_open_too_long_says_so_and_can_be_reloaded()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await Visit.OpenAsync(chromium, server);
        server.Clock.Advance(TimeSpan.FromMinutes(31));
        await visit.Issue.ClickAsync();
        await Expect(visit.Error).ToContainTextAsync("This page was open too long");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Reload the page" }).ClickAsync();
        await Expect(visit.Error).ToBeEmptyAsync();
        await visit.IssueAsync();
    }

    [NeedsChromiumFact]
    public async Task A_double_click_issues_one_code()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await Visit.OpenAsync(chromium, server);
        var hold = new TaskCompletionSource();
        await visit.Page.RouteAsync("**/code/issue", async route => { await hold.Task; await route.ContinueAsync(); });
        await visit.Issue.DblClickAsync();
        await Expect(visit.Issue).ToBeDisabledAsync();
        await Expect(visit.Issue).ToHaveTextAsync("Getting a code…");
        hold.SetResult();
        await Expect(visit.Code).ToBeVisibleAsync();
        await Expect(visit.Issue).ToBeEnabledAsync();
        server.Issued.Should().Be(1);
    }

    [NeedsChromiumFact]
    public async Task A_server_out_of_reach_is_said_and_can_be_tried_again()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await Visit.OpenAsync(chromium, server);
        await visit.Page.RouteAsync("**/code/issue", route => route.AbortAsync());
        await visit.Issue.ClickAsync();
        await Expect(visit.Error).ToContainTextAsync("The server could not be reached");
        await Expect(visit.Issue).ToHaveTextAsync("Try again");
        await visit.Page.UnrouteAsync("**/code/issue");
        await visit.IssueAsync();
        await Expect(visit.Error).ToBeEmptyAsync();
    }

    [NeedsChromiumFact]
    public async Task An_answer_that_is_no_JSON_is_said_with_its_status()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await Visit.OpenAsync(chromium, server);
        await visit.Page.RouteAsync("**/code/issue", route => route.FulfillAsync(new() { Status = 502, ContentType = "text/html", Body = "<h1>Bad gateway</h1>" }));
        await visit.Issue.ClickAsync();
        await Expect(visit.Error).ToContainTextAsync("was not understood (status 502)");
        await Expect(visit.Issue).ToBeEnabledAsync();
    }
}
