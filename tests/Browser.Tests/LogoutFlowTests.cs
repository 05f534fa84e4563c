using Browser.Tests.Support;

namespace Browser.Tests;

/// <summary>A person's way out, begun at a client of another site: asked first, and back to the client (OpenID Connect RP-Initiated Logout
/// 1.0).</summary>
[Collection(ChromiumTests.Name)]
public sealed class LogoutFlowTests(Chromium chromium)
{
    [NeedsChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_sends_a_person_to_sign_out_who_stays_first_and_then_comes_back_to_it(bool hasScript)
    {
        await using var client = await ClientApp.StartAsync();
        await using var server = await RealServer.StartAsync($$"""
            { "clients": [{ "client_id": "shop", "client_name": "The shop", "client_secret": "{{RealServer.Secret}}", "scope": "openid",
              "grant_types": ["authorization_code"], "redirect_uris": ["{{client.Callback}}"],
              "post_logout_redirect_uris": ["{{client.Callback}}"] }] }
            """);
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript, client.Address);
        string logOut = $"/connect/endsession?client_id=shop&state=x%20y&post_logout_redirect_uri={Uri.EscapeDataString(client.Callback)}";
        await walk.GoAsync("/account", "Sign in");
        await walk.SignInAsync("bob", "Your account");

        await walk.GoAsync(logOut, "Sign out?");
        await walk.LookAtStepAsync("logout-asked");
        await walk.FollowAsync("Stay signed in", "Your account");

        // From the client's own site, by a link: the session's cookie comes along.
        await walk.Page.GotoAsync(client.LinkTo(server.Address + logOut));
        await walk.FollowAsync("Sign in", "Sign out?");
        await walk.Page.Locator("main").GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await walk.IsAtAsync("Back at the client");
        client.Reply["state"].ToString().Should().Be("x y");

        await walk.GoAsync("/connect/endsession", "You are signed out");
        await walk.LookAtStepAsync("logout-done");
        await walk.GoAsync("/connect/endsession?client_id=nobody", "This sign-out cannot go on");
        await walk.LookAtStepAsync("logout-refused");
        await walk.GoAsync("/account", "Sign in");
    }
}
