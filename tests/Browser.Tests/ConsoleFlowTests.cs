using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>An administrator's way through the console: a client is registered, revoked and restored, and its tokens live and die by that.</summary>
[Collection(ChromiumTests.Name)]
public sealed class ConsoleFlowTests(Chromium chromium)
{
    [NeedsChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_is_registered_revoked_and_restored(bool hasScript)
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript);
        var authenticator = new Authenticator(RealServer.TotpSecret, server.Clock);
        await walk.GoAsync("/admin", "Sign in");
        await walk.LookAsync("sign-in");
        await walk.SignInAsync("jane", "Overview", authenticator);
        await walk.FollowAsync("Clients", "Clients");

        await walk.FollowAsync("Register a client", "Register a client");
        await walk.LookAsync("console-client-new");
        await walk.FillAsync("Client ID", "billing");
        await walk.FillAsync("Name", "Billing");
        await walk.TickAsync("Client credentials");
        await walk.Page.Locator("input[name=scope][value=api]").CheckAsync();
        await walk.PressAsync("Save", "billing");
        string secret = await walk.SecretAsync("Secret of billing");
        await walk.LookAsync("console-client-secret");

        string token = (await server.TokenAsync("billing", secret))!;
        (await server.IsActiveAsync(token, "api")).Should().BeTrue();

        await walk.FollowAsync("Clients", "Clients");
        await walk.FollowAsync("Billing", "billing");
        await Expect(walk.Page.GetByText(secret)).ToHaveCountAsync(0);
        await walk.LookAsync("console-client");
        await walk.FollowAsync("Revoke …", "Revoke billing");
        await Expect(walk.Page.GetByRole(AriaRole.Region, new() { Name = "What dies at once" })).ToBeVisibleAsync();
        await Expect(walk.Fact("Sessions")).ToHaveTextAsync("0");
        await walk.LookAsync("console-client-revoke");
        (await server.IsActiveAsync(token, "api")).Should().BeTrue("asking does nothing");
        await walk.PressAsync("Revoke the client", "billing");
        (await server.IsActiveAsync(token, "api")).Should().BeFalse("revoking is seen by the next request");
        (await server.TokenAsync("billing", secret)).Should().BeNull();
        await Expect(walk.Notice).ToHaveTextAsync("The client is revoked. Every token it was given is dead.");
        await Expect(walk.Fact("Status")).ToContainTextAsync("revoked");
        await walk.LookAsync("console-client-revoked");

        await walk.FollowAsync("Restore …", "Restore billing");
        await walk.LookAsync("console-client-restore");
        await walk.PressAsync("Restore the client", "billing");
        await Expect(walk.Fact("Status")).ToHaveTextAsync("active");
        (await server.IsActiveAsync(token, "api")).Should().BeFalse("what is dead stays dead");
        (await server.IsActiveAsync((await server.TokenAsync("billing", secret))!, "api")).Should().BeTrue();

        await walk.FollowAsync("its audit entries", "Audit");
        await Expect(walk.Page.Locator("td[data-label=Event] code")).ToHaveTextAsync(["client.restored", "client.revoked", "client.added"]);
        await Expect(walk.Page.Locator("td[data-label=Actor]").First).ToContainTextAsync("1");
        await walk.PressAsync("Sign out", "Sign in");
        await Expect(walk.Notice).ToHaveTextAsync("You are signed out.");
        await walk.GoAsync("/admin", "Sign in");
    }

    [NeedsChromiumFact]
    public async Task Revoking_says_how_many_sessions_die_and_needs_a_recent_sign_in()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server);
        var authenticator = new Authenticator(RealServer.TotpSecret, server.Clock);
        string token = await server.SignInAsync();
        await walk.GoAsync("/admin/clients/web", "Sign in");
        await walk.SignInAsync("jane", "web", authenticator);
        server.Clock.Advance(TimeSpan.FromMinutes(11));
        await walk.FollowAsync("Revoke …", "Sign in again");
        await walk.LookAsync("sign-in-again");
        await walk.FillAsync("Password", RealServer.Password);
        await walk.PressAsync("Sign in again", "Enter the code");
        await walk.LookAsync("second-factor");
        await walk.FillAsync("Code", authenticator.Next());
        await walk.PressAsync("Sign in", "Revoke web");
        await Expect(walk.Fact("Sessions")).ToHaveTextAsync("1");
        await Expect(walk.Fact("Refresh tokens")).ToHaveTextAsync("1");
        await walk.FollowAsync("Cancel", "web");
        (await server.IsActiveAsync(token, "api")).Should().BeTrue();
        await walk.FollowAsync("Revoke …", "Revoke web");
        await walk.PressAsync("Revoke the client", "web");
        (await server.IsActiveAsync(token, "api")).Should().BeFalse();
    }

    [NeedsChromiumFact]
    public async Task The_chain_is_verified_and_the_charts_figures_are_a_table()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server);
        await server.TokenAsync("web", "a secret that is wrong");
        await walk.GoAsync("/admin", "Sign in");
        await walk.SignInAsync("jane", "Overview", new Authenticator(RealServer.TotpSecret, server.Clock));
        await walk.Page.GetByText("Figures", new() { Exact = true }).ClickAsync();
        await Expect(walk.Page.GetByRole(AriaRole.Table, new() { Name = "Sign-ins and refusals by hour, UTC" })).ToBeVisibleAsync();
        await walk.LookAsync("console-overview-figures");
        await walk.FollowAsync("Audit", "Audit");
        await walk.FollowAsync("Verify the chain …", "Verify the chain");
        await walk.PressAsync("Verify", "Verify the chain");
        await Expect(walk.Notice).ToContainTextAsync("all as they were written");
        await walk.LookAsync("console-verify");
    }
}
