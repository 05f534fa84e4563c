using TokenServer.Tests.Admin;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Console;
using Authenticator = TokenServer.Tests.Support.Authenticator;

namespace TokenServer.Tests.Web;

/// <summary>Several authenticators: on the account's page, in the console, by the admin API and the command line.</summary>
public sealed class AuthenticatorPageTests
{
    private const string Page = "/account/two-factor", Authenticators = Page + "/authenticators";

    [Fact]
    public async Task Another_one_is_added_by_its_code_signs_in_and_is_removed()
    {
        await using var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, .. Browser.AllLogged]);
        using var john = await SignedInAsync(server, server.TotpCode());
        (await john.GetAsync(Page)).Body.Should().Contain("<bdi>Authenticator app</bdi>").And.NotContain("Remove authenticator", "it is the only one");
        string secret = (await john.PostAndFollowAsync(Authenticators + "/set-up")).Secret("secret")!;
        (await john.GetAsync(Page)).Body.Should().NotContain(secret);
        var wrong = await john.PostAsync(Authenticators, ("name", "safe <b>"), ("code", "000000"));
        wrong.ShouldSay(400, "The code is wrong.");
        wrong.Body.Should().Contain("value=\"safe &lt;b&gt;\"");
        (await john.PostAsync(Authenticators, ("name", "authenticator APP"), ("code", Code(server, secret)))).ShouldSay(409, "You have an authenticator of this name.");
        (await john.PostAsync(Authenticators, ("name", new string('x', 101)), ("code", Code(server, secret)))).Alert().Should().StartWith("Enter a name of 1 to 100 characters");
        (await john.PostAsync(Authenticators, ("name", "safe <b>"), ("code", Code(server, secret)))).ShouldGoTo(Page, "AuthenticatorAdded");
        (await john.GetAsync(Page)).Body.Should().Contain("<bdi>safe &lt;b&gt;</bdi>").And.Contain("Remove authenticator");
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        using var other = await SignedInAsync(server, Code(server, secret));
        string first = server.AuthenticatorsOf("john")[0].PublicId, second = server.AuthenticatorsOf("john")[1].PublicId;
        (await other.PostAsync($"{Authenticators}/nonsense/remove")).Status.Should().Be(404);
        (await other.PostAsync($"{Authenticators}/{first}/remove")).ShouldGoTo(Page, "AuthenticatorRemoved");
        (await other.PostAsync($"{Authenticators}/{second}/remove")).ShouldSay(409, "This authenticator is your only one, so it was not removed. Add another one first, or turn two-factor off.");
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        using var refused = new Browser(server);
        await refused.SignInAsync("john");
        await refused.GetAsync("/account/second-factor");
        (await refused.PostAsync("/account/second-factor", ("code", server.TotpCode()))).Status.Should().Be(401);
        server.Log.Lines.Should().NotContain(l => l.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_one_has_a_name_too_and_whoever_turned_it_on_by_a_password_signs_in_with_it_before_adding_another()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var bob = await Browser.OfAsync(server);
        (await bob.PostAsync(Authenticators + "/set-up")).ShouldSay(409, "Two-factor authentication is off. Set it up first.");
        string secret = (await bob.PostAndFollowAsync(Page + "/set-up")).Secret("secret")!;
        await bob.PostAndFollowAsync(Page + "/enable", ("name", "phone"), ("code", Code(server, secret)));
        server.AuthenticatorsOf("bob").Single().Name.Should().Be("phone");
        (await bob.PostAsync(Authenticators + "/set-up")).ShouldSay(403, "You signed in without a code. Sign out, and sign in with one, to change your authenticators.");
        server.Clock.Advance(TimeSpan.FromMinutes(11));
        (await bob.PostAsync(Authenticators + "/set-up")).ShouldGoTo("/account/sign-in-again?return=%2Faccount%2Ftwo-factor");
    }

    [Fact]
    public async Task The_API_of_the_account_sets_up_turns_on_and_off_as_if_there_were_one()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var john = await SignedInAsync(server, server.TotpCode());
        string secret = (await john.PostAndFollowAsync(Authenticators + "/set-up")).Secret("secret")!;
        (await john.PostAsync(Authenticators, ("name", "safe"), ("code", Code(server, secret)))).ShouldGoTo(Page, "AuthenticatorAdded");
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        Door account = Door.Account;
        string token = account.AccessToken(await account.VerifyAsync(server, await account.TempTokenAsync(server), Code(server, secret)))!;
        (await server.CallAsync("POST", "/api/v1/auth/2fa/setup", token)).Status.Should().Be(409);
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        (await server.CallAsync("POST", "/api/v1/auth/2fa/disable", token, new { password = TestImport.Password, code = Code(server, secret) })).Status.Should().Be(200);
        server.AuthenticatorsOf("john").Should().BeEmpty("it is off, whatever there was");
        string next = (await server.CallAsync("POST", "/api/v1/auth/2fa/setup", token))["secret"]!;
        (await server.CallAsync("POST", "/api/v1/auth/2fa/enable", token, new { code = Code(server, next) })).Status.Should().Be(200);
        server.AuthenticatorsOf("john").Should().ContainSingle();
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        foreach (string dead in (string[])[secret, TestImport.TotpSecret])
            account.ExpectWrongCode(await account.VerifyAsync(server, await account.TempTokenAsync(server), Code(server, dead)));
        (await account.VerifyAsync(server, await account.TempTokenAsync(server), Code(server, next))).Status.Should().Be(200);
    }

    [Fact]
    public async Task The_console_shows_and_removes_them_and_the_last_turns_it_off()
    {
        await using var server = await ConsoleVisits.StartAsync();
        string secret = OtpNet.Base32Encoding.ToString((await server.AddAuthenticatorAsync("bob", "phone <b>")).Secret), second = (await server.AddAuthenticatorAsync("bob", "safe")).Id;
        await server.Get<TokenServer.Storage.Database>().WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "TwoFactorEnabled"=@p0 WHERE "UserName"='bob'""", true));
        using var admin = await server.OpenConsoleAsync();
        string user = $"/admin/users/{server.IdOf("bob")}", first = server.AuthenticatorsOf("bob")[0].PublicId;
        (await admin.GetAsync(user)).Body.Should().Contain("<bdi>phone &lt;b&gt;</bdi>").And.Contain($"{user}/authenticators/{second}").And.NotContain(secret);
        (await admin.GetAsync($"{user}/authenticators/{first}")).Body.Should().Contain("Remove authenticator phone &lt;b&gt; of bob").And.NotContain("the last one");
        (await admin.GetAsync($"/admin/users/{server.IdOf("jane")}/authenticators/{first}")).Status.Should().Be(404);
        (await admin.SubmitAsync($"{user}/authenticators/{first}")).ShouldGoTo(user, "UserAuthenticatorRemoved");
        server.ShouldHaveAudited("authenticator.removed", server.IdOf("bob").ToString(), first);
        (await admin.GetAsync($"{user}/authenticators/{second}")).Body.Should().Contain("It is the last one");
        (await admin.SubmitAsync($"{user}/authenticators/{second}")).ShouldGoTo(user, "UserAuthenticatorRemoved");
        server.ShouldHaveAudited("second_factor.removed", server.IdOf("bob").ToString());
        (await new Browser(server).SignInAsync()).ShouldGoTo("/account");
        (await admin.PostAsync($"{user}/authenticators/{second}")).Status.Should().Be(404);
    }

    [Fact]
    public async Task The_admin_API_lists_them_and_removes_one_or_all()
    {
        await using var admin = await AdminServer.StartAsync();
        string id = (await admin.Server.AddAuthenticatorAsync("john", "safe")).Id, path = $"/users/{admin.IdOf("john")}/authenticators";
        string token = (await admin.Server.SignInAsync("web", "bob"))["access_token"]!;
        var items = await admin.ListAsync(path);
        items.Select(i => i.Text("name")).Should().Equal("Authenticator app", "safe");
        (items[1].Text("id"), items[1].Text("created_at"), items[1].GetProperty("last_used_at").ValueKind).Should().Be((id, "2026-11-21T12:00:00Z", System.Text.Json.JsonValueKind.Null));
        (await admin.CallAsync($"DELETE /users/{admin.IdOf("jane")}/authenticators/{id}")).ShouldBeProblem(404);
        (await admin.CallAsync($"DELETE {path}/nonsense")).ShouldBeProblem(404);
        (await admin.CallAsync($"DELETE {path}?dry_run=true")).ShouldBeProblem(400);
        (await admin.CallAsync($"DELETE {path}/{id}")).Status.Should().Be(204);
        (await admin.LastEntryAsync()).Text("event").Should().Be("authenticator.removed");
        (await admin.CallAsync($"DELETE {path}/{id}")).ShouldBeProblem(404);
        (await admin.DoAsync($"GET /users/{admin.IdOf("john")}"))["two_factor_enabled"].Should().Be("True");
        (await admin.CallAsync($"DELETE {path}")).Status.Should().Be(204);
        (await admin.LastEntryAsync()).Text("event").Should().Be("second_factor.removed");
        (await admin.DoAsync($"GET /users/{admin.IdOf("john")}"))["two_factor_enabled"].Should().Be("False");
        (await admin.ListAsync(path)).Should().BeEmpty();
        (await admin.CallAsync($"DELETE {path}")).Status.Should().Be(204, "there is none then, either");
        foreach (string call in (string[])["GET", "DELETE"]) (await admin.CallAsync($"{call} /users/999999/authenticators")).ShouldBeProblem(404);
        (await admin.Server.IsActiveAsync(token)).Should().BeTrue("it is another user's");
    }

    [Fact]
    public async Task The_command_line_lists_and_removes_them()
    {
        await using var server = await TestServer.StartAsync();
        string id = (await server.AddAuthenticatorAsync("john", "safe")).Id;
        (await DoAsync("user authenticators john")).Split('\n')[1].Should().Be($"{id}\tsafe\t2026-11-21T12:00:00Z\t-");
        (await DoAsync($"user remove-authenticator john {id}")).Should().Be("john has one authenticator less\n");
        (await ServerProcess.RunAsync(server.Folder, ["user", "remove-authenticator", "john", id])).Error.Should().EndWith("the user has no such authenticator\n");
        server.AuthenticatorsOf("john").Should().ContainSingle();

        async Task<string> DoAsync(string command)
        {
            var ended = await ServerProcess.RunAsync(server.Folder, command.Split(' '));
            ended.ExitCode.Should().Be(0, ended.Error);
            return ended.Output;
        }
    }

    private static async Task<Browser> SignedInAsync(TestServer server, string code)
    {
        var browser = new Browser(server);
        (await browser.SignInAsync("john")).ShouldGoTo("/account/second-factor");
        await browser.GetAsync("/account/second-factor");
        (await browser.PostAsync("/account/second-factor", ("code", code))).ShouldGoTo("/account");
        await browser.GetAsync("/account");
        return browser;
    }

    private static string Code(TestServer server, string secret) => Authenticator.Code(secret, server.Clock.GetUtcNow());
}
