using TokenServer.Accounts;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>The e-mail addresses that users want, by the admin API and the command line.</summary>
public sealed class EmailChangeTests
{
    [Fact]
    public async Task They_are_found_confirmed_and_refused()
    {
        await using var admin = await AdminServer.StartAsync();
        string change = await admin.Server.WantEmailAsync("bob", "robert@example.com"), path = $"/users/{admin.IdOf("bob")}";
        (await admin.ListAsync("/users?status=email_waits", "username")).Should().Equal("bob");
        foreach (var user in (System.Text.Json.JsonElement[])[(await admin.DoAsync("GET " + path)).Json, (await admin.ListAsync("/users?username=bob"))[0]])
        {
            var waiting = user.GetProperty("email_change");
            (waiting.Text("id"), waiting.Text("email"), waiting.Text("asked_at"), waiting.GetProperty("taken").GetBoolean())
                .Should().Be((change, "robert@example.com", "2026-11-21T12:00:00Z", false));
            (user.Text("email"), user.GetProperty("email_verified").GetBoolean()).Should().Be(("bob@example.com", false));
        }
        (await admin.CallAsync($"POST /users/{admin.IdOf("jane")}/email-change/{change}/confirm")).ShouldBeProblem(404);
        (await admin.CallAsync($"POST {path}/email-change/{change}/confirm?dry_run=true")).ShouldBeProblem(400);
        var confirmed = await admin.DoAsync($"POST {path}/email-change/{change}/confirm");
        (confirmed["email"], confirmed["email_verified"], confirmed.Json.GetProperty("email_change").ValueKind).Should().Be(("robert@example.com", "True", System.Text.Json.JsonValueKind.Null));
        confirmed.Headers.ETag.Should().Be((await admin.DoAsync("GET " + path)).Headers.ETag);
        (await admin.LastEntryAsync()).Text("event").Should().Be("email_change.confirmed");
        (await admin.CallAsync($"POST {path}/email-change/{change}/confirm")).ShouldBeProblem(404);
        string taken = await admin.Server.WantEmailAsync("bob", "jane@example.com");
        (await admin.ListAsync("/users?status=email_waits"))[0].GetProperty("email_change").GetProperty("taken").GetBoolean().Should().BeTrue();
        (await admin.CallAsync($"POST {path}/email-change/{taken}/confirm")).ShouldBeProblem(409);
        (await admin.DoAsync($"POST {path}/email-change/{taken}/refuse"))["email"].Should().Be("robert@example.com");
        (await admin.ListAsync("/users?status=email_waits")).Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_confirmed_is_verified_to_applications()
    {
        await using var admin = await AdminServer.StartAsync();
        string token = (await admin.Server.SignInAsync("web", "bob", "openid email"))["access_token"]!;
        await admin.DoAsync($"POST /users/{admin.IdOf("bob")}/email-change/{await admin.Server.WantEmailAsync("bob", "robert@example.com")}/confirm");
        var told = await admin.Server.CallAsync("GET", "/connect/userinfo", token);
        (told["email"], told["email_verified"]).Should().Be(("robert@example.com", "True"), "the session goes on, and tells the new address");
        await admin.DoAsync($"PATCH /users/{admin.IdOf("bob")}", new { email = "bob@example.com" });
        (await admin.Server.CallAsync("GET", "/connect/userinfo", token))["email_verified"].Should().Be("False", "nobody has proven that one");
    }

    [Fact]
    public async Task The_command_line_lists_confirms_and_refuses_them()
    {
        await using var server = await TestServer.StartAsync();
        string bobs = await server.WantEmailAsync("bob", "robert@example.com"), johns = await server.WantEmailAsync("john", "jane@example.com");
        (await DoAsync("user email-changes")).Should().Be(
            $"{bobs}\tbob\trobert@example.com\t2026-11-21T12:00:00Z\t-\n{johns}\tjohn\tjane@example.com\t2026-11-21T12:00:00Z\tanother account has it\n");
        (await FailAsync($"user confirm-email bob {johns}")).Should().EndWith("the user has no such change\n");
        (await FailAsync($"user confirm-email john {johns}")).Should().EndWith("the e-mail address is taken\n");
        (await FailAsync($"user confirm-email nobody {johns}")).Should().EndWith("there is no such user\n");
        (await DoAsync($"user refuse-email john {johns}")).Should().Be("john keeps the old e-mail address\n");
        (await DoAsync($"user confirm-email bob {bobs}")).Should().Be("bob has the new e-mail address\n");
        server.Get<UserAccounts>().FindByLogin("robert@example.com")!.UserName.Should().Be("bob");

        async Task<string> DoAsync(string command)
        {
            var ended = await ServerProcess.RunAsync(server.Folder, command.Split(' '));
            ended.ExitCode.Should().Be(0, ended.Error);
            return ended.Output;
        }

        async Task<string> FailAsync(string command)
        {
            var ended = await ServerProcess.RunAsync(server.Folder, command.Split(' '));
            ended.ExitCode.Should().Be(1);
            return ended.Error;
        }
    }
}
