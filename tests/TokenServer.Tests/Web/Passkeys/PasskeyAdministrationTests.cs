using TokenServer.Tests.Admin;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Console;

namespace TokenServer.Tests.Web.Passkeys;

/// <summary>Administrators see a user's passkeys and remove them: console, admin API, command line.</summary>
public sealed class PasskeyAdministrationTests
{
    [Fact]
    public async Task The_console_shows_and_removes_them_and_what_was_begun_with_one_ends()
    {
        await using var server = await ConsoleVisits.StartAsync($"--TokenServer:Issuer={PasskeyVisits.Origin}");
        using var passkey = await server.PasskeyAsync();
        using var bob = new Browser(server);
        (await bob.SignInAsync(passkey)).ShouldGoTo("/account");
        using var john = await server.OpenConsoleAsync();
        string page = $"/admin/users/{server.IdOf("bob")}", id = server.PasskeysOf("bob")[0].PublicId;
        (await john.GetAsync(page)).Body.Should().Contain("<bdi>Phone</bdi>").And.Contain("on one device only").And.Contain($"{page}/passkeys/{id}");
        (await john.GetAsync($"{page}/passkeys/{id}")).Body.Should().Contain("Remove passkey Phone of bob").And.NotContain("only way into");
        (await john.GetAsync($"/admin/users/{server.IdOf("jane")}/passkeys/{id}")).Status.Should().Be(404);
        (await john.PostAsync($"/admin/users/{server.IdOf("jane")}/passkeys/{id}")).Status.Should().Be(404);
        (await john.SubmitAsync($"{page}/passkeys/{id}")).ShouldGoTo(page, "UserPasskeyRemoved");
        server.ShouldHaveAudited("passkey.removed", server.IdOf("bob").ToString(), id);
        (await bob.GetAsync("/account")).ShouldAskToSignIn("/account");
        (await bob.SignInAsync(passkey)).Status.Should().Be(401);
        (await john.PostAsync($"{page}/passkeys/{id}")).Status.Should().Be(404);
    }

    [Fact]
    public async Task The_admin_API_lists_and_removes_them()
    {
        await using var admin = await AdminServer.StartAsync();
        string id = await admin.Server.InsertPasskeyAsync("bob", "Phone"), path = $"/users/{admin.IdOf("bob")}/passkeys";
        var item = (await admin.ListAsync(path)).Should().ContainSingle().Subject;
        (item.GetProperty("id").GetString(), item.GetProperty("name").GetString(), item.GetProperty("synced").GetBoolean()).Should().Be((id, "Phone", true));
        (await admin.CallAsync($"DELETE /users/{admin.IdOf("jane")}/passkeys/{id}")).Status.Should().Be(404);
        (await admin.CallAsync($"DELETE {path}/{id}?dry_run=true")).Status.Should().Be(400, "it has none, and what is misspelt is not done");
        (await admin.CallAsync($"DELETE {path}/nonsense")).Status.Should().Be(404);
        (await admin.CallAsync("GET /users/999999/passkeys")).Status.Should().Be(404);
        (await admin.CallAsync($"DELETE {path}/{id}")).Status.Should().Be(204);
        (await admin.CallAsync($"DELETE {path}/{id}")).Status.Should().Be(404);
        (await admin.ListAsync(path)).Should().BeEmpty();
        (await admin.LastEntryAsync()).GetProperty("event").GetString().Should().Be("passkey.removed");
    }

    [Fact]
    public async Task The_command_line_lists_and_removes_them()
    {
        await using var server = await TestServer.StartAsync();
        string id = await server.InsertPasskeyAsync("bob", "Phone");
        (await DoAsync("user passkeys bob")).Should().StartWith($"{id}\tPhone\tsynced\t").And.EndWith("\t-\n");
        (await DoAsync($"user remove-passkey bob {id}")).Should().Be("bob has one passkey less\n");
        (await DoAsync("user passkeys bob")).Should().BeEmpty();
        server.PasskeysOf("bob").Should().BeEmpty();
        (await ServerProcess.RunAsync(server.Folder, ["user", "remove-passkey", "bob", id])).Error.Should().EndWith("the user has no such passkey\n");

        async Task<string> DoAsync(string command)
        {
            var ended = await ServerProcess.RunAsync(server.Folder, command.Split(' '));
            ended.ExitCode.Should().Be(0, ended.Error);
            return ended.Output;
        }
    }
}
