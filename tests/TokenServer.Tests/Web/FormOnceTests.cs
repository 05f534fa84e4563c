using Microsoft.AspNetCore.Http;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Pruning;
using TokenServer.Storage;
using TokenServer.Tests.Architecture;
using TokenServer.Tests.Contract;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Console;
using TokenServer.Tests.Web.Forms;
using TokenServer.Web.Shared;

namespace TokenServer.Tests.Web;

/// <summary>A form acts once, and what it made is shown once, whatever a browser does with it (docs/decisions/0041). Every form is tried by <see cref="FormJourneyTests"/>.</summary>
public sealed class FormOnceTests
{
    // What any of these could want.
    private static readonly (string Name, string Value)[] Fields =
    [
        ("password", TestImport.Password), ("username", "bob"), ("code", "000000"), ("return", "/account"),
    ];

    [Fact]
    public async Task A_form_for_strangers_and_a_step_of_something_else_act_once()
    {
        await using var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, "--Accounts:LockoutFailures=100"]);
        int acts = 0;
        foreach (string form in FormTable.Strangers.Concat(FormTable.Steps))
        {
            bool isStranger = FormTable.Strangers.Contains(form);
            using var browser = isStranger ? new Browser(server) : await Browser.OfAsync(server);
            await browser.GetAsync(isStranger ? "/account/sign-in" : "/account");
            if (await ActsOnceAsync(server, browser, form, Fields)) acts++;
        }
        acts.Should().BeGreaterThan(5, "most of them are sent as one sends them to have it done");
    }

    [Fact]
    public void No_page_has_a_form_of_its_own()
    {
        Directory.GetFiles(ArchitectureTests.Source("TokenServer"), "*.razor", SearchOption.AllDirectories).Where(f => !f.EndsWith("PageForm.razor", StringComparison.Ordinal) && File.ReadAllText(f).Contains("method=\"post\"", StringComparison.Ordinal))
            .Should().BeEmpty("a form is a PageForm, which has its mark");
    }

    [Fact]
    public async Task A_form_is_answered_the_same_after_a_restart_and_acts_again_where_something_else_is_typed()
    {
        using var folder = new TemporaryFolder();
        var server = await TestServer.StartAsync(FaceRequests.NoLimits, folder: folder.Path);
        string location;
        Browser browser = await Browser.OfAsync(server);
        await browser.GetAsync("/account/keys");
        var mark = browser.Mark;
        location = (await browser.PostAsync("/account/keys", ("name", "ci"), mark)).Headers.Location!.OriginalString;
        await server.DisposeAsync();
        await using var again = await TestServer.StartAsync(FaceRequests.NoLimits, folder: folder.Path, clock: server.Clock);
        using var returning = browser.At(again.Address);
        (await returning.PostAsync("/account/keys", ("name", "ci"), mark)).ShouldGoTo(location);
        Count(again, "api_key.added").Should().Be(1);
        var shown = await returning.GetAsync(location);
        shown.Secret("key").Should().NotBeNull();
        (await returning.PostAsync("/account/keys", ("name", "other"), mark)).Status.Should().Be(303);
        (await returning.PostAsync("/account/keys", ("name", "ci"))).Status.Should().Be(303, "without a mark nobody says that it is the same");
        Count(again, "api_key.added").Should().Be(3);
        browser.Dispose();
    }

    [Fact]
    public async Task A_secret_is_shown_once_to_the_session_that_made_it()
    {
        await using var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, .. Browser.AllLogged]);
        using Browser browser = await Browser.OfAsync(server), other = await Browser.OfAsync(server);
        await browser.GetAsync("/account/keys");
        var form = browser.Mark;
        var made = await browser.PostAsync("/account/keys", ("name", "ci"), form);
        string address = made.Headers.Location!.OriginalString;
        address.Should().MatchRegex("^/account/keys\\?made=[A-Za-z0-9_-]{33}$");
        (await other.GetAsync(address)).Notice().Should().BeNull("another session has not made it, and is told nothing");
        (await browser.GetAsync(address[..^1] + (address[^1] == 'A' ? 'B' : 'A'))).Notice().Should().BeNull("it never made that");
        string key = (await browser.GetAsync(address)).Secret("key")!;
        (await server.GetAsync("/auth/me", key)).Status.Should().Be(200);
        var reloaded = await browser.GetAsync(address);
        reloaded.Notice().Should().Be(Gone);
        reloaded.Body.Should().NotContain(key).And.Contain(">ci<");
        (await browser.PostAsync("/account/keys", ("name", "ci"), form)).ShouldGoTo(address);
        (await browser.GetAsync(address)).Secret("key").Should().BeNull();
        Count(server, "api_key.added").Should().Be(1);
        string database = string.Join(' ', Kept(server));
        foreach (string hidden in new[] { key, address.Split('=')[1] }) database.Should().NotContain(hidden);
        server.Log.Lines.Should().NotContain(l => l.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_that_nobody_came_for_is_gone_after_ten_minutes()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var browser = await Browser.OfAsync(server);
        string address = (await browser.PostAsync("/account/keys", ("name", "ci"))).Headers.Location!.OriginalString;
        server.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        (await browser.GetAsync(address)).Notice().Should().Be(Gone);
        await server.Get<Pruner>().RunAsync(CancellationToken.None);
        Kept(server).Should().BeEmpty();
    }

    [Fact]
    public async Task A_notice_is_said_once_and_by_no_address()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var browser = await Browser.OfAsync(server);
        await browser.PostAsync("/account/keys", ("name", "ci"));
        string id = server.Get<UserApiKeys>().Of(server.IdOf("bob")).Single().KeyId;
        (await browser.PostAsync($"/account/keys/{id}/delete")).ShouldGoTo("/account/keys", "KeyDeleted");
        (await browser.GetAsync("/account/keys")).Notice().Should().Be("The API key is deleted. It is dead.");
        (await browser.GetAsync("/account/keys")).Notice().Should().BeNull();
        (await browser.GetAsync("/account/keys?said=KeyDeleted")).Notice().Should().BeNull();
        foreach (string words in new[] { "<b>x</b>", "999" })
        {
            browser.SetCookie("tokenserver_notice", words);
            (await browser.GetAsync("/account/keys")).Notice().Should().BeNull();
        }
    }

    [Fact]
    public async Task Two_sign_ins_at_once_are_one_session_and_a_wrong_password_counts_once()
    {
        await using var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, "--Accounts:LockoutFailures=2"]);
        using var browser = new Browser(server);
        await browser.GetAsync("/account/sign-in");
        (string, string)[] wrong = [("username", "bob"), ("password", "wrong"), browser.Mark], right = [("username", "bob"), ("password", TestImport.Password), ("return", "/account"), browser.Mark];
        (await AtOnceAsync(browser, "/account/sign-in", wrong)).Should().OnlyContain(a => a.Status == 401);
        Count(server, "sign_in.failed").Should().Be(1);
        (await AtOnceAsync(browser, "/account/sign-in", right)).Should().OnlyContain(a => a.Status == 303);
        Count(server, "session.started").Should().Be(1);
        (await browser.GetAsync("/account")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_form_whose_answer_was_lost_is_not_done_again()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var browser = await Browser.OfAsync(server);
        await browser.GetAsync("/account/keys");
        var mark = browser.Mark;
        (await browser.PostAsync("/account/keys", ("name", "ci"), mark)).Status.Should().Be(303);
        // As a server leaves it that dies between the act and its answer.
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "KeptAnswers" SET "Sealed"=NULL"""));
        (await browser.PostAsync("/account/keys", ("name", "ci"), mark)).ShouldSay(409, "This form was sent before, and its answer was lost. Whether it was done is not known: look, and open the page again to do it.");
        Count(server, "api_key.added").Should().Be(1);
    }

    [Fact]
    public async Task What_was_done_a_while_ago_is_not_said_to_be_done_now()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var browser = await Browser.OfAsync(server);
        await browser.GetAsync("/account/keys");
        var mark = browser.Mark;
        string location = (await browser.PostAsync("/account/keys", ("name", "ci"), mark)).Headers.Location!.OriginalString;
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        (await browser.PostAsync("/account/keys", ("name", "ci"), mark)).ShouldGoTo(location);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await browser.PostAsync("/account/keys", ("name", "ci"), mark)).ShouldSay(409, "This form was sent before, at 12:00 UTC, and nothing was done now. Open the page again to do it once more.");
        Count(server, "api_key.added").Should().Be(1);
    }

    [Fact]
    public async Task What_throws_after_it_acted_is_not_done_again()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        int acts = 0;
        var form = new SentForm("a form", server.Clock.GetUtcNow().UtcDateTime);
        DefaultHttpContext Http() => new() { RequestServices = server.Get<IServiceProvider>() };
        var answers = server.Get<FormAnswers>();
        await answers.Awaiting(a => a.OnceAsync(Http(), form, () => { acts++; throw new OperationCanceledException(); })).Should().ThrowAsync<OperationCanceledException>();
        var again = await answers.OnceAsync(Http(), form, () => { acts++; return new(Results.Ok()); });
        (acts, again.Should().BeAssignableTo<IResult>().Which).Item1.Should().Be(1);
    }

    [Fact]
    public async Task A_form_of_half_a_day_ago_is_out_of_date_and_what_was_answered_is_pruned()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var browser = await Browser.OfAsync(server);
        await browser.GetAsync("/account/tunnels");
        var (token, mark) = (browser.Token, browser.Mark);
        for (int i = 0; i < 26; i++)
        {
            server.Clock.Advance(TimeSpan.FromMinutes(28));
            (await browser.GetAsync("/account")).Status.Should().Be(200);
        }
        browser.Token = token;
        (await browser.PostAsync("/account/tunnels", ("name", "office"), mark)).ShouldSay(400, "This form is out of date, so nothing was done. Go back, reload the page and try again.");
        (await browser.PostAsync("/account/tunnels", ("name", "office"), ("mark", "x"))).Status.Should().Be(400);
        await server.Get<Pruner>().RunAsync(CancellationToken.None);
        Kept(server).Should().BeEmpty();
    }

    private const string Gone = "What was made is shown once, and it was. If you have not kept it, make a new one.";

    // Sent twice at once, and once more from the page before: one act, and one answer. Whether it was done, not refused.
    private static async Task<bool> ActsOnceAsync(TestServer server, Browser browser, string path, (string, string)[] fields)
    {
        browser.Mark.Value.Should().NotBeNullOrEmpty();
        (string, string)[] form = [.. fields, browser.Mark];
        int before = Audited(server).Count;
        var answers = await AtOnceAsync(browser, path, form);
        Audited(server).Skip(before).Should().OnlyHaveUniqueItems("{0} acts once", path);
        string state = server.State();
        answers = [.. answers, await browser.PostAsync(path, form)];
        server.State().Should().Be(state, path);
        answers.Select(a => (a.Status, a.Headers.Location?.OriginalString, a.Body)).Distinct().Should().ContainSingle("{0} is answered once", path);
        answers[0].Status.Should().BeLessThan(500, path);
        if (answers[0].Status == 303 && answers[0].Headers.Location!.OriginalString is { } location && location.StartsWith('/')) (await browser.GetAsync(location)).Status.Should().BeOneOf([200, 303], location);
        server.State().Should().Be(state, "a reload of what {0} leads to does nothing", path);
        return answers[0].Status == 303;
    }

    private static async Task<Answer[]> AtOnceAsync(Browser browser, string path, (string, string)[] form) => await Task.WhenAll(browser.PostAsync(path, form), browser.PostAsync(path, form));

    private static List<string> Audited(TestServer server) => server.Get<Database>().Read(s => s.All("""SELECT "Event" || ' ' || COALESCE("Target", '') || ' ' || COALESCE("Detail", '') FROM "Audit" ORDER BY "Id" """, r => r.GetString(0)));

    private static int Count(TestServer server, string happened) => server.AuditedEvents().Count(e => e == happened);

    private static List<string> Kept(TestServer server) => server.Get<Database>().Read(s => s.All("""SELECT "Id" || COALESCE("Sealed", '') FROM "KeptAnswers" """, r => r.GetString(0)));
}
