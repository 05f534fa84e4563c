using System.Net;
using TokenServer.Accounts;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Console;
using TokenServer.Tests.Web.Passkeys;

namespace TokenServer.Tests.Web;

/// <summary>/account/profile and /account/email: the name, and an e-mail address that counts after it is confirmed in the console.</summary>
public sealed class ProfilePageTests
{
    private const string Profile = "/account/profile", Email = "/account/email";

    [Fact]
    public async Task A_name_is_changed_and_an_older_form_is_refused_with_what_was_typed()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using Browser browser = await Browser.OfAsync(server), tab = await Browser.OfAsync(server);
        (await browser.GetAsync(Profile)).Body.Should().Contain("value=\"bob\"").And.Contain("readonly");
        var old = ConsoleVisits.Fields(await tab.GetAsync(Profile)).Where(f => f.Name != "name");
        (await browser.SubmitAsync(Profile, ("name", "Robert <b>"))).ShouldGoTo(Profile, "NameSaved");
        (await browser.GetAsync(Profile)).Body.Should().Contain("value=\"Robert &lt;b&gt;\"");
        var stale = await tab.PostAsync(Profile, [.. old, ("name", "Bobby")]);
        stale.Status.Should().Be(409);
        stale.Alert().Should().StartWith("Nothing was saved: your account was changed in the meantime.");
        stale.Body.Should().Contain("value=\"Bobby\"");
        var bad = await browser.SubmitAsync(Profile, ("name", new string('x', 201)));
        bad.Status.Should().Be(400);
        bad.Alert().Should().StartWith("Nothing was saved: “Name” may have 200 characters at most");
        (await browser.SubmitAsync(Profile, ("name", ""))).ShouldGoTo(Profile, "NameSaved");
        server.Get<UserAccounts>().FindByLogin("bob")!.Name.Should().BeNull();
    }

    [Fact]
    public async Task An_address_waits_is_withdrawn_asked_for_again_and_confirmed_in_the_console()
    {
        await using var server = await ConsoleVisits.StartAsync(Browser.AllLogged);
        using var bob = await Browser.OfAsync(server);
        (await bob.PostAsync(Email)).ShouldSay(400, "Enter an e-mail address of at most 254 characters, in letters without accents (a domain of others as xn--…).");
        (await bob.PostAsync(Email, ("email", "bob@example.com"))).ShouldSay(400, "This is your e-mail address already.");
        (await bob.PostAsync(Email, ("email", "robert@example.com"))).ShouldGoTo(Profile, "EmailAsked");
        (await bob.GetAsync(Profile)).Body.Should().Contain("<bdi>robert@example.com</bdi>").And.Contain("waiting for an administrator");
        (await bob.PostAsync(Email + "/withdraw")).ShouldGoTo(Profile, "EmailWithdrawn");
        (await bob.GetAsync(Profile)).Body.Should().NotContain("waiting for an administrator");
        (await bob.PostAsync(Email, ("email", "robert@example.com"))).ShouldGoTo(Profile, "EmailAsked");
        string change = server.Get<EmailChanges>().Of(server.IdOf("bob"))!.PublicId, user = $"/admin/users/{server.IdOf("bob")}", page = $"{user}/email-change/{change}";
        using var john = await server.OpenConsoleAsync();
        (await john.GetAsync("/admin/users?status=email_waits")).Body.Should().Contain(">bob<").And.NotContain(">jane<").And.Contain("e-mail waits");
        (await john.GetAsync(user)).Body.Should().Contain("<bdi>robert@example.com</bdi>").And.Contain($"href=\"{page}\"");
        (await john.GetAsync(page)).Body.Should().Contain("wants robert@example.com");
        (await john.PostAsync(page)).ShouldSay(400, "Nothing was done: choose an answer.");
        (await john.SubmitAsync(page, ("answer", "confirm"))).ShouldGoTo(user, "UserEmailConfirmed");
        server.ShouldHaveAudited("email_change.confirmed", server.IdOf("bob").ToString(), change);
        (await john.PostAsync(page, ("answer", "confirm"))).Status.Should().Be(404);
        (await bob.GetAsync(Profile)).Body.Should().Contain("<bdi>robert@example.com</bdi>").And.NotContain("waiting");
        (await new Browser(server).SignInAsync("robert@example.com")).ShouldGoTo("/account");
        (await new Browser(server).SignInAsync("bob@example.com")).Status.Should().Be(401);
        server.Log.Lines.Where(l => !l.Contains("EntityFrameworkCore", StringComparison.Ordinal)).Should().NotContain(l => l.Contains("robert@example.com", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_finds_out_so_whose_addresses_there_are()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var browser = await Browser.OfAsync(server);
        var pages = new List<string>();
        foreach (string email in (string[])["jane@example.com", "nobody@example.com"])
        {
            (await browser.PostAsync(Email, ("email", email))).ShouldGoTo(Profile, "EmailAsked");
            string body = (await browser.GetAsync(Profile)).Body.Replace(email, "", StringComparison.Ordinal);
            pages.Add(System.Text.RegularExpressions.Regex.Replace(body, "name=\"(mark|antiforgery)\" value=\"[^\"]*\"", ""));
        }
        pages[0].Should().Be(pages[1]);
    }

    [Fact]
    public async Task An_address_that_is_taken_by_now_can_only_be_refused()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string page = $"/admin/users/{server.IdOf("bob")}/email-change/{await server.WantEmailAsync("bob", "jane@example.com")}";
        (await john.GetAsync($"/admin/users/{server.IdOf("bob")}")).Body.Should().Contain("another account has it");
        (await john.GetAsync(page)).Body.Should().Contain("it can only be refused").And.NotContain("value=\"confirm\"");
        (await john.PostAsync(page, ("answer", "confirm"))).ShouldSay(409, "Nothing was done: the e-mail address is taken.");
        (await john.PostAsync(page, ("answer", "refuse"))).ShouldGoTo($"/admin/users/{server.IdOf("bob")}", "UserEmailRefused");
    }

    [Fact]
    public async Task Asking_takes_a_sign_in_of_the_last_ten_minutes_with_all_that_the_account_has()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var browser = await Browser.OfAsync(server);
        await server.InsertPasskeyOfBeforeAsync("bob");
        var halfway = await browser.PostAsync(Email, ("email", "robert@example.com"));
        halfway.Status.Should().Be(403);
        WebUtility.HtmlDecode(halfway.Body).Should().Contain("you signed in without it").And.Contain("value=\"robert@example.com\"");
        server.Clock.Advance(TimeSpan.FromMinutes(11));
        (await browser.GetAsync(Email)).ShouldGoTo("/account/sign-in-again?return=%2Faccount%2Femail");
        (await browser.PostAsync(Email, ("email", "robert@example.com"))).ShouldGoTo("/account/sign-in-again?return=%2Faccount%2Femail");
        (await browser.GetAsync(Profile)).Status.Should().Be(200);
        server.Get<EmailChanges>().All().Should().BeEmpty();
    }
}
