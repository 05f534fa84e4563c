using System.Text.RegularExpressions;
using System.Web;
using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>A user's way through the account's pages: a second factor, API keys, tunnels.</summary>
[Collection(ChromiumTests.Name)]
public sealed class AccountFlowTests(Chromium chromium)
{
    private const string Account = "Your account", TwoFactor = "Two-factor authentication";

    [NeedsChromiumFact]
    public async Task What_is_wrong_is_in_the_title_and_has_the_focus()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.GoAsync("/account", "Sign in");
        await walk.FillAsync("User name or e-mail address", "bob");
        await walk.FillAsync("Password", "wrong");
        await walk.PressAsync("Sign in", "Sign in");
        await Expect(walk.Page).ToHaveTitleAsync("Error: Sign in – TokenServer");
        var password = walk.Page.GetByLabel("Password", new() { Exact = true });
        await Expect(password).ToBeFocusedAsync();
        await Expect(password).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(password).ToHaveAttributeAsync("aria-errormessage", "error");
        await walk.LookAsync("sign-in-wrong");
    }

    [NeedsChromiumFact]
    public async Task Without_script_the_error_itself_has_the_focus()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript: false);
        await walk.GoAsync("/account", "Sign in");
        await walk.FillAsync("User name or e-mail address", "bob");
        await walk.FillAsync("Password", "wrong");
        await walk.PressAsync("Sign in", "Sign in");
        await Expect(walk.Page.GetByRole(AriaRole.Alert)).ToBeFocusedAsync();
    }

    [NeedsChromiumFact]
    public async Task Times_are_the_readers_own_with_UTC_in_the_title()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.GoAsync("/account", "Sign in");
        await walk.SignInAsync("bob", Account);
        await walk.FollowAsync("Sessions", "Sessions");
        var begun = walk.Page.Locator("time[data-moment]").First;
        string utc = (await begun.GetAttributeAsync("title"))!;
        utc.Should().MatchRegex("^[0-9]+ [A-Z][a-z]+ [0-9]{4}, [0-9]{2}:[0-9]{2} UTC$");
        await Expect(begun).Not.ToHaveTextAsync(utc);
    }

    [NeedsChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_second_factor_is_set_up_and_signs_in_and_keys_and_tunnels_come_and_go(bool hasScript)
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript);
        await walk.GoAsync("/account", "Sign in");
        await walk.SignInAsync("bob", Account);
        await walk.LookAsync("account");

        await walk.FollowAsync("Two-factor", TwoFactor);
        await walk.LookAsync("account-two-factor-off");
        await walk.PressAsync("Set it up", TwoFactor);
        string enrolment = await QrCode.ReadAsync(walk.Page.GetByRole(AriaRole.Img, new() { Name = "QR code" }));
        string secret = HttpUtility.ParseQueryString(new Uri(enrolment).Query)["secret"]!;
        enrolment.Should().StartWith("otpauth://totp/127.0.0.1:bob?");
        await Expect(walk.Page.GetByRole(AriaRole.Group, new() { Name = "Key" })).ToHaveTextAsync(secret);
        await walk.LookAsync("account-two-factor-set-up");
        var authenticator = new Authenticator(secret, server.Clock);
        await walk.FillAsync("Code", authenticator.Next());
        await walk.PressAsync("Turn two-factor on", TwoFactor);
        (await walk.SecretAsync("Your recovery codes")).Split('\n').Should().HaveCount(10);
        await walk.LookAsync("account-two-factor-codes");
        await walk.FollowAsync("I have kept them", Account);
        await walk.PressAsync("Sign out", "Sign in");
        await walk.LookAsync("signed-out");
        await walk.SignInAsync("bob", Account, authenticator);
        await walk.FollowAsync("Two-factor", TwoFactor);
        await walk.LookAsync("account-two-factor-on");

        await walk.FollowAsync("API keys", "API keys");
        await walk.LookAsync("account-keys-none");
        await walk.FillAsync("Name", "backup script");
        await walk.PressAsync("Add API key", "API keys");
        string key = await walk.SecretAsync("API key backup script");
        await walk.LookAsync("account-key-made");
        (await server.StatusAsync("/auth/me", key)).Should().Be(200);
        await walk.FollowAsync("API keys", "API keys");
        await Expect(walk.Page.GetByText(key)).ToHaveCountAsync(0);
        await walk.UnfoldAsync("Delete backup script");
        await walk.LookAsync("account-key-delete");
        await walk.PressAsync("Delete API key", "API keys");
        await Expect(walk.Notice).ToHaveTextAsync("The API key is deleted. It is dead.");
        (await server.StatusAsync("/auth/me", key)).Should().Be(401);

        await walk.FollowAsync("Tunnels", "Tunnels");
        await walk.FillAsync("Name", "home");
        await walk.PressAsync("Add tunnel", "Tunnels");
        string first = await walk.SecretAsync("Token of home");
        (await server.IsActiveAsync(first, "relay")).Should().BeTrue();
        await walk.LookAsync("account-tunnel-made");
        await walk.FollowAsync("Tunnels", "Tunnels");
        await walk.UnfoldAsync("Regenerate the token of home");
        await walk.LookAsync("account-tunnel-regenerate");
        await walk.PressAsync("Regenerate token", "Tunnels");
        string second = await walk.SecretAsync("Token of home");
        (await server.IsActiveAsync(first, "relay")).Should().BeFalse("it is dead at once");
        (await server.IsActiveAsync(second, "relay")).Should().BeTrue();

        await walk.FollowAsync("Sessions", "Sessions");
        await walk.LookAsync("account-sessions");
        await walk.FollowAsync("Password", "Password");
        await walk.LookAsync("account-password");
        await walk.GoAsync("/admin", "That is not possible");
        await walk.LookAsync("account-not-an-administrator");
    }

    [NeedsChromiumFact]
    public async Task A_second_authenticator_is_added_and_signs_in()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.GoAsync("/account", "Sign in");
        await walk.SignInAsync("jane", Account, new Authenticator(RealServer.TotpSecret, server.Clock));
        await walk.FollowAsync("Two-factor", TwoFactor);
        await walk.PressAsync("Add another authenticator", TwoFactor);
        string enrolment = await QrCode.ReadAsync(walk.Page.GetByRole(AriaRole.Img, new() { Name = "QR code" }));
        var safe = new Authenticator(HttpUtility.ParseQueryString(new Uri(enrolment).Query)["secret"]!, server.Clock);
        await walk.FillAsync("Name", "safe");
        await walk.FillAsync("Code", safe.Next());
        await walk.LookAtStepAsync("account-authenticator-add");
        await walk.PressAsync("Add the authenticator", TwoFactor);
        await Expect(walk.Notice).ToHaveTextAsync("The authenticator is added. A code of any of yours signs you in.");
        await walk.UnfoldAsync("Remove safe");
        await walk.LookAtStepAsync("account-authenticators");
        await walk.PressAsync("Sign out", "Sign in");
        await walk.SignInAsync("jane", Account, safe);
        await walk.FollowAsync("Profile", "Profile");
        await walk.LookAtStepAsync("account-profile");
        await walk.FollowAsync("Change the e-mail address …", "E-mail address");
        await walk.FillAsync("New e-mail address", "jane.doe@example.com");
        await walk.PressAsync("Ask for it", "Profile");
        await walk.LookAtStepAsync("account-email-waits");
    }

    [NeedsChromiumFact]
    public async Task A_wrong_password_and_a_wrong_code_are_told()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.GoAsync("/account", "Sign in");
        await walk.FillAsync("User name or e-mail address", "jane");
        await walk.FillAsync("Password", "not hers");
        await walk.PressAsync("Sign in", "Sign in");
        await Expect(walk.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The user name or the password is wrong.");
        await Expect(walk.Page.GetByLabel("Password")).ToBeFocusedAsync();
        await walk.LookAsync("sign-in-wrong");
        await walk.FillAsync("Password", RealServer.Password);
        await walk.PressAsync("Sign in", "Enter the code");
        await walk.FillAsync("Code", "000000");
        await walk.PressAsync("Sign in", "Enter the code");
        await Expect(walk.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync(new Regex("^The code is wrong"));
        await walk.LookAsync("second-factor-wrong");
    }
}
