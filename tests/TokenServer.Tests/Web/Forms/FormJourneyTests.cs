using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using System.Text.RegularExpressions;
using TokenServer.Accounts;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Console;
using TokenServer.Web.Shared;

namespace TokenServer.Tests.Web.Forms;

/// <summary>Every form that acts, through all that happens to a form: the sign-in is a while ago, the session ends in the middle, a double click, a reload of the answer, the page before and
/// send again. What was typed is there after each sign-in, and it is done once (docs/decisions/0041, 0047).</summary>
public sealed partial class FormJourneyTests(FormSite site) : IClassFixture<FormSite>
{
    private const string Note = "Nothing was done yet: you had to sign in first. What you entered is here again, to be sent.", Lacks = " Passwords and codes were not kept: enter them once more.";

    public static TheoryData<string> Rows => [.. FormTable.Account.Concat(FormTable.Console).Select(r => r.Route)];

    [Fact]
    public void Every_form_has_its_row()
    {
        var routes = site.Server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => PagePath().IsMatch(e.RoutePattern.RawText ?? "")
            && e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Any(m => m is not ("GET" or "HEAD"))).ToDictionary(e => e.RoutePattern.RawText!.TrimEnd('/'));
        routes.Keys.Should().BeEquivalentTo([.. FormTable.Account.Concat(FormTable.Console).Select(r => r.Route), .. FormTable.Steps, .. FormTable.Strangers, .. FormTable.Questions]);
        routes.Where(r => r.Value.Metadata.GetMetadata<Question>() is not null).Select(r => r.Key).Should().BeEquivalentTo(FormTable.Questions);
        routes.Where(r => r.Value.Metadata.GetMetadata<OpenPage>() is not null).Select(r => r.Key).Should().BeEquivalentTo(FormTable.Strangers);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_form_is_filled_again_after_signing_in_and_acts_once(string route)
    {
        var row = FormTable.Account.Concat(FormTable.Console).Single(r => r.Route == route);
        bool isConsole = route.StartsWith("/admin", StringComparison.Ordinal);
        var user = row.Who is not null ? await row.Who(site) : isConsole ? site.Administrator : await site.UserAsync();
        using var browser = await site.SignInAsync(user);
        var visit = new FormVisit(site, user, browser) { Session = site.LastSession(user) };
        // The page is opened while the sign-in is recent, and its button pressed when it is not any more.
        site.Server.Clock.Advance(TimeSpan.FromMinutes(9.5));
        visit.Path = row.Target is null ? route : await row.Target(visit);
        string page = row.Page ?? (isConsole ? visit.Path : string.Join('/', visit.Path.Split('/').Take(3)));
        var shown = row.Open is null ? await browser.GetAsync(page) : await row.Open(visit);
        var form = Fill(row, visit, shown);
        if (IsForRecent(route)) form = await SignInAndComeBackAsync(row, visit, form, () => { site.Server.Clock.Advance(TimeSpan.FromMinutes(1)); return Task.CompletedTask; }, "/account/sign-in-again?return=");
        form = await SignInAndComeBackAsync(row, visit, form, () => EndAsync(visit.Session), "/account/sign-in?return=");
        await ActsOnceAsync(row, browser, form);
    }

    [Fact]
    public async Task A_step_leads_back_to_what_it_is_a_step_of_when_the_session_has_ended()
    {
        var user = await site.UserAsync();
        foreach (string step in FormTable.Steps)
        {
            using var browser = await site.SignInAsync(user);
            await browser.GetAsync("/account");
            await EndAsync(site.LastSession(user));
            string before = site.Server.State();
            const string Return = "/connect/authorize?client_id=web&request_uri=x";
            (await browser.PostAsync(step, ("return", Return), ("password", TestImport.Password), ("code", "000000"), browser.Mark)).ShouldAskToSignIn(Return);
            site.Server.State().Should().Be(before);
        }
    }

    // The button is pressed twice after something happened that wants a sign-in: nothing is done, and what was typed is there after that.
    private async Task<ShownForm> SignInAndComeBackAsync(FormRow row, FormVisit visit, ShownForm form, Func<Task> happens, string leads)
    {
        await happens();
        string before = site.Server.State();
        var answers = await form.SendTwiceAsync(visit.Browser);
        site.Server.State().Should().Be(before, "nothing is done before signing in");
        string location = answers.Select(a => a.Headers.Location?.OriginalString).Distinct().Should().ContainSingle("a double click leads to one place").Which!;
        location.Should().StartWith(leads).And.NotContain("mark");
        foreach (var (_, secret) in row.Secrets is null ? [] : form.Fields.Where(f => IsSecret(f.Name))) location.Should().NotContain(Uri.EscapeDataString(secret));
        var asking = await visit.Browser.GetAsync(location);
        if (leads.StartsWith("/account/sign-in?", StringComparison.Ordinal)) asking.Notice().Should().Be("Your session has ended. Sign in to go on.");
        int audited = Audited().Count;
        var back = await site.SignInAsync(visit.Browser, visit.User, asking);
        visit.Session = site.LastSession(visit.User);
        Audited().Skip(audited).Should().OnlyContain(e => e.StartsWith("session.", StringComparison.Ordinal), "coming back does nothing but sign in");
        if (row.Again is null)
        {
            var filled = Find(row, visit, back);
            Open(filled).Should().Equal(Open(form), "what was typed is there again");
            filled.Fields.Where(f => f.Value.Length > 0).Should().NotContain(f => f.Name.Contains("password", StringComparison.Ordinal) || f.Name == "code");
            NoteText().Match(back.Body).Groups[1].Value.Should().Be(row.Secrets is null ? Note : Note + Lacks);
            if (filled.Markup.StartsWith("<details", StringComparison.Ordinal)) filled.Markup.Should().MatchRegex("^<details[^>]* open=");
        }
        return Fill(row, visit, row.Again is null ? back : await row.Again(visit, back));
    }

    private async Task ActsOnceAsync(FormRow row, Browser browser, ShownForm form)
    {
        int audited = Audited().Count;
        var answers = await form.SendTwiceAsync(browser);
        answers.Select(a => a.Status).Should().Equal([row.Status, row.Status], answers[0].Body);
        Audited().Skip(audited).Should().OnlyHaveUniqueItems("a double click acts once");
        if (row.IsAudited && row.Status == 303) Audited().Count.Should().BeGreaterThan(audited, "it is done");
        string done = site.Server.State();
        answers = [.. answers, await form.SendAsync(browser)];
        answers.Select(a => (a.Status, a.Headers.Location?.OriginalString, a.Body)).Distinct().Should().ContainSingle("it is answered once");
        if (answers[0].Headers.Location?.OriginalString is { } location)
            for (int reload = 0; reload < 2; reload++) (await browser.GetAsync(location)).Status.Should().BeOneOf(200, 303);
        answers = [.. answers, await form.SendAsync(browser)];
        answers.Select(a => (a.Status, a.Headers.Location?.OriginalString)).Distinct().Should().ContainSingle("the page before, sent again, gets the same answer");
        site.Server.State().Should().Be(done, "neither a reload nor the page before does it again");
    }

    private async Task EndAsync(long session) => (await site.Server.Get<SessionAdministration>().EndAsync(session, "test")).Should().Be(SessionEnd.Ended);

    private static ShownForm Fill(FormRow row, FormVisit visit, Answer page) =>
        Find(row, visit, page).Typed([.. row.Typed, .. row.Secrets?.Invoke(visit, page) ?? []]);

    private static ShownForm Find(FormRow row, FormVisit visit, Answer page) => ShownForm.Of(page, visit.Path, row.Hidden);

    // All of it but what is secret.
    private static List<string> Open(ShownForm form) => [.. form.Fields.Where(f => !IsSecret(f.Name)).Select(f => $"{f.Name}={f.Value}").Order(StringComparer.Ordinal)];

    private static bool IsSecret(string field) => field.Contains("password", StringComparison.Ordinal) || field is "code" or "pasted" or "credential" or "ceremony";

    private bool IsForRecent(string route) => site.Server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Single(e => e.RoutePattern.RawText?.TrimEnd('/') == route && e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Contains("POST")).Metadata.GetMetadata<RecentPage>() is not null;

    private List<string> Audited() => site.Server.Get<Database>().Read(s => s.All("""SELECT "Event" || ' ' || COALESCE("Target", '') || ' ' || COALESCE("Detail", '') FROM "Audit" ORDER BY "Id" """, r => r.GetString(0)));

    [GeneratedRegex("<p [^>]*role=\"status\"[^>]* autofocus[^>]*>([^<]*)</p>")]
    private static partial Regex NoteText();

    [GeneratedRegex("^/(account|admin(?!/api)|connect/verify)(/|$)")]
    private static partial Regex PagePath();
}
