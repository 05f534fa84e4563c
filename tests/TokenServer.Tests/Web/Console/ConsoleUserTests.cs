using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Storage;
using TokenServer.Tests.Contract;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Authorization;

namespace TokenServer.Tests.Web.Console;

/// <summary>Users in the console: added, found, changed, disabled, deleted; and the last administrator, who stays.</summary>
public sealed class ConsoleUserTests
{
    private const string Kept = "this is the last administrator; make another account one first.";

    [Fact]
    public async Task A_user_is_added_found_and_changed()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        (string, string)[] fields = [("username", "ann"), ("email", "ann_1@example.com"), ("name", "Ann <b>"), ("password", "a new and better one")];
        (await john.SubmitAsync("/admin/users/new", [.. fields[..3], ("password", "aaaaaaaaaa")])).Alert().Should().Contain("4 of them different");
        (await john.SubmitAsync("/admin/users/new", [.. fields[1..], ("username", "bob")])).ShouldSay(400, "Nothing was saved: the user name is taken.");
        var made = await john.SubmitAsync("/admin/users/new", fields);
        string page = $"/admin/users/{server.IdOf("ann")}";
        made.ShouldGoTo(page, "UserAdded");
        server.ShouldHaveAudited("account.added", server.IdOf("ann").ToString(), "role user");
        (await server.SignInAsync(user: "ann", password: "a new and better one")).Status.Should().Be(200);
        (await john.GetAsync("/admin/users?q=NN_1%40")).Body.Should().Contain("Ann &lt;b&gt;").And.NotContain(">bob<");
        (await john.GetAsync("/admin/users?q=nn%251")).Body.Should().Contain("There is no such user.");
        (await john.GetAsync("/admin/users?role=admin&status=active")).Body.Should().Contain(">jane<").And.NotContain(">ann<");
        var old = ConsoleVisits.Fields(await john.GetAsync(page));
        (await john.SubmitAsync(page, ("name", "Ann"))).ShouldGoTo(page, "UserSaved");
        server.ShouldHaveAudited("account.changed", server.IdOf("ann").ToString(), "name");
        (await john.PostAsync(page, [.. old])).ShouldSay(409, "Nothing was saved: the user was changed in the meantime. What you entered is below; open the user again to see it as it is now.");
        (await john.SubmitAsync(page, ("email", "bob@example.com"))).ShouldSay(400, "Nothing was saved: the e-mail address is taken.");
        server.Get<UserAccounts>().FindByLogin("ann")!.Name.Should().Be("Ann");
    }

    [Fact]
    public async Task The_page_of_a_user_says_what_the_user_has_allowed()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        using var bob = await Browser.OfAsync(server);
        string page = "/admin/users/" + server.IdOf("bob");
        (await john.GetAsync(page)).Body.Should().NotContain("Apps that the user has allowed");
        var asked = await Asked.StoreAsync(server);
        await bob.GetAsync(asked.At("/account/consent"));
        await bob.PostAsync("/account/consent", asked.Return);
        (await john.GetAsync(page)).Body.Should().Contain("Apps that the user has allowed").And.Contain("<code>openid api</code>");
    }

    [Fact]
    public async Task Another_role_ends_the_sessions()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string token = (await server.SignInAsync(user: "bob"))["access_token"]!, bob = server.IdOf("bob").ToString();
        (await john.GetAsync("/admin/users/" + bob)).Body.Should().Contain("Another role ends all sessions: 1.");
        (await john.SubmitAsync("/admin/users/" + bob, ("role", "admin"))).Status.Should().Be(303);
        server.ShouldHaveAudited("account.changed", bob, "role admin");
        (await server.IsActiveAsync(token)).Should().BeFalse();
    }

    [Fact]
    public async Task Disabling_says_what_dies_and_kills_it()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string face = await server.SessionTokenAsync("bob"), page = $"/admin/users/{server.IdOf("bob")}", token = (await server.SignInAsync(user: "bob"))["access_token"]!;
        await server.AddTunnelAsync(face);
        await server.AddTunnelAsync(face, "home");
        await server.AddKeyAsync(await server.AccountTokenAsync("bob"));
        var shown = await john.GetAsync(page);
        (shown.Figure("API keys"), shown.Figure("Tunnels")).Should().Be(("1", "2"));
        (await john.GetAsync(page + "/disable")).Radius().Should().EndWith("1 2 0").And.StartWith(shown.Figure("Open sessions")!);
        (await john.SubmitAsync(page + "/disable")).ShouldGoTo(page, "UserDisabled");
        server.ShouldHaveAudited("account.disabled", server.IdOf("bob").ToString());
        (await server.IsActiveAsync(token)).Should().BeFalse();
        (await server.SignInAsync(user: "bob")).Status.Should().Be(400);
        (await john.SubmitAsync(page + "/enable")).ShouldGoTo(page, "UserEnabled");
        server.ShouldHaveAudited("account.enabled", server.IdOf("bob").ToString());
        (await server.SignInAsync(user: "bob")).Status.Should().Be(200);
        (await server.IsActiveAsync(token)).Should().BeFalse();
    }

    [Fact]
    public async Task A_password_is_set_and_a_second_factor_removed_and_both_end_the_sessions()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string page = $"/admin/users/{server.IdOf("bob")}", token = (await server.SignInAsync(user: "bob"))["access_token"]!;
        (await john.SubmitAsync(page + "/password", ("new_password", "bob@example.com"), ("repeated_password", "bob@example.com"))).Alert().Should().Contain("not be the user name or the e-mail address");
        (await john.SubmitAsync(page + "/password", ("new_password", "a new and better one"), ("repeated_password", "another"))).ShouldSay(400, "Nothing was saved: the password and its repetition are not the same.");
        (await server.IsActiveAsync(token)).Should().BeTrue();
        (await john.SubmitAsync(page + "/password", ("new_password", "a new and better one"), ("repeated_password", "a new and better one"))).ShouldGoTo(page, "UserPasswordSet");
        server.ShouldHaveAudited("account.password_set", server.IdOf("bob").ToString());
        (await server.IsActiveAsync(token)).Should().BeFalse();
        token = (await server.SignInAsync(user: "bob", password: "a new and better one"))["access_token"]!;
        await server.Get<Database>().WriteAsync(s => server.Get<SecondFactor>().Give(s, server.IdOf("bob"), new byte[20]));
        (await john.GetAsync(page)).Body.Should().Contain("Remove second factor");
        (await john.SubmitAsync(page + "/second-factor")).ShouldGoTo(page, "UserTwoFactorOff");
        server.ShouldHaveAudited("second_factor.removed", server.IdOf("bob").ToString());
        (await server.IsActiveAsync(token)).Should().BeFalse();
        server.Get<UserAccounts>().FindByLogin("bob")!.HasSecondFactor.Should().BeFalse();
    }

    [Fact]
    public async Task A_deleted_user_is_gone_with_the_sessions()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string bob = server.IdOf("bob").ToString(), token = (await server.SignInAsync(user: "bob"))["access_token"]!;
        (await john.GetAsync($"/admin/users/{bob}/delete")).Radius().Should().Be("1 1 0 0 0");
        (await john.SubmitAsync($"/admin/users/{bob}/delete")).ShouldGoTo("/admin/users", "UserDeleted");
        server.ShouldHaveAudited("account.deleted", bob);
        (await server.IsActiveAsync(token)).Should().BeFalse();
        (await john.GetAsync("/admin/users/" + bob)).Status.Should().Be(404);
    }

    [Fact]
    public async Task The_last_administrator_stays_one()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string page = $"/admin/users/{server.IdOf("john")}";
        (await john.SubmitAsync($"/admin/users/{server.IdOf("jane")}/disable")).Status.Should().Be(303, "there are two");
        string before = server.State();
        (await john.SubmitAsync(page, ("role", "user"))).ShouldSay(400, "Nothing was saved: " + Kept);
        (await john.SubmitAsync(page + "/disable")).ShouldSay(409, "Nothing was done: " + Kept);
        (await john.SubmitAsync(page + "/delete")).ShouldSay(409, "Nothing was done: " + Kept);
        server.State().Should().Be(before);
        (await john.SubmitAsync($"/admin/users/{server.IdOf("jane")}/enable")).Status.Should().Be(303);
        (await john.SubmitAsync(page + "/disable")).Status.Should().Be(303);
        (await john.GetAsync("/admin")).ShouldAskToSignIn("/admin");
        // The command line may: it locks nobody out but those it means.
        (await server.Get<UserAccounts>().DisableAsync(server.Get<UserAccounts>().FindByLogin("jane")!, "command line")).Should().BeTrue();
    }
}
