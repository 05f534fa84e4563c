using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>Passkeys in Chromium, with the authenticators it has by itself: made, shown in the field of the user name and by the button,
/// removed, and refused.</summary>
[Collection(ChromiumTests.Name)]
public sealed class PasskeyTests(Chromium chromium)
{
    private const string Account = "Your account", Passkeys = "Passkeys", SignIn = "Sign in", ByButton = "Sign in with a passkey";
    private const string NoFieldOffer = "PublicKeyCredential.isConditionalMediationAvailable = async () => false";

    [NeedsChromiumFact]
    public async Task A_passkey_is_made_signs_in_by_the_button_and_is_removed()
    {
        await using var server = await RealServer.StartAsync(isNamed: true);
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.Page.AddInitScriptAsync(NoFieldOffer);
        var device = await VirtualAuthenticator.OfAsync(walk.Page);
        await walk.GoAsync("/account", SignIn);
        await walk.LookAtStepAsync("sign-in-passkey");
        await walk.SignInAsync("bob", Account);
        await walk.FollowAsync(Passkeys, Passkeys);
        await walk.LookAtStepAsync("account-passkeys-none");
        await AddAsync(walk, "Laptop");
        (await device.CredentialsAsync()).Should().ContainSingle();
        await walk.LookAtStepAsync("account-passkeys");

        // The same device makes no second one for the account.
        await walk.FillAsync("Name", "Laptop again");
        await walk.PressAsync("Add passkey", Passkeys);
        await Expect(walk.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("This device, or your passkey provider, has a passkey for this account already.");
        await walk.LookAtStepAsync("account-passkeys-known");
        await device.RemoveAsync();
        var key = await VirtualAuthenticator.OfAsync(walk.Page, "usb");
        await AddAsync(walk, "Key");

        await walk.PressAsync("Sign out", SignIn);
        await walk.PressAsync(ByButton, Account);
        await walk.FollowAsync(Passkeys, Passkeys);
        await walk.UnfoldAsync("Remove Key");
        await walk.LookAtStepAsync("account-passkeys-remove");
        await walk.PressAsync("Remove passkey", Passkeys);
        await Expect(walk.Notice).ToHaveTextAsync("The passkey is removed. Other sessions that were begun with it have ended.");
        await Expect(walk.Page.GetByText("Laptop", new() { Exact = true })).ToBeVisibleAsync();
        await walk.PressAsync("Sign out", SignIn);
        await walk.PressAsync(ByButton, SignIn);
        await Expect(walk.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The passkey was not accepted. Try again, or use your password.");
        await walk.LookAtStepAsync("sign-in-passkey-refused");
        (await key.CredentialsAsync()).Should().ContainSingle();
    }

    [NeedsChromiumFact]
    public async Task The_field_of_the_user_name_offers_it_without_the_button()
    {
        await using var server = await RealServer.StartAsync(isNamed: true);
        await using var walk = await Walk.BeginAsync(chromium, server);
        var device = await VirtualAuthenticator.OfAsync(walk.Page);
        await walk.GoAsync("/account/passkeys", SignIn);
        await walk.SignInAsync("bob", Passkeys);
        await AddAsync(walk, "Laptop");
        await device.TouchAsync(false);
        await walk.PressAsync("Sign out", SignIn);
        await device.TouchAsync(true);
        // Nothing is pressed: the page itself asks, and the authenticator answers.
        await walk.Page.GotoAsync(server.Address + "/account/tunnels");
        await walk.IsAtAsync("Tunnels");
    }

    [NeedsChromiumFact]
    public async Task Without_script_the_page_says_what_to_do_and_the_password_works()
    {
        await using var server = await RealServer.StartAsync(isNamed: true);
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript: false);
        await walk.GoAsync("/account/passkeys", SignIn);
        await Expect(walk.Page.GetByText("Passkeys need JavaScript, which does not run here. Your password works without one.")).ToBeVisibleAsync();
        await Expect(walk.Page.GetByRole(AriaRole.Button, new() { Name = ByButton })).ToHaveCountAsync(0);
        await walk.LookAsync("sign-in-passkey-plain");
        await walk.SignInAsync("bob", Passkeys);
        await Expect(walk.Page.GetByText("Passkeys need JavaScript")).ToBeVisibleAsync();
        await Expect(walk.Page.GetByRole(AriaRole.Button, new() { Name = "Add passkey" })).ToHaveCountAsync(0);
        await walk.LookAsync("account-passkeys-plain");
    }

    [NeedsChromiumFact]
    public async Task A_browser_without_passkeys_is_told_so()
    {
        await using var server = await RealServer.StartAsync(isNamed: true);
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.Page.AddInitScriptAsync("delete window.PublicKeyCredential");
        await walk.GoAsync("/account", SignIn);
        await Expect(walk.Page.GetByText("This browser has no passkeys. Your password works without one.")).ToBeVisibleAsync();
        await Expect(walk.Page.GetByRole(AriaRole.Button, new() { Name = ByButton })).ToHaveCountAsync(0);
        await walk.SignInAsync("bob", Account);
    }

    [NeedsChromiumFact]
    public async Task Who_does_not_unlock_the_device_is_not_signed_in()
    {
        await using var server = await RealServer.StartAsync(isNamed: true);
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.Page.AddInitScriptAsync(NoFieldOffer);
        var device = await WithPasskeyAsync(walk);
        await device.VerifyAsync(false);
        await walk.PressAsync(ByButton, SignIn);
        await Expect(walk.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("No passkey was shown: it was cancelled, or took too long. Your password works without one.");
        await walk.LookAtStepAsync("sign-in-passkey-cancelled");
        await device.VerifyAsync(true);
        await walk.PressAsync(ByButton, Account);
    }

    [NeedsChromiumFact]
    public async Task A_page_that_asks_for_another_domain_gets_nothing()
    {
        await using var server = await RealServer.StartAsync(isNamed: true);
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.Page.AddInitScriptAsync(NoFieldOffer);
        await WithPasskeyAsync(walk);
        await walk.Page.EvalOnSelectorAsync("[data-passkey]", "field => { field.dataset.options = field.dataset.options.replace('\"localhost\"', '\"example.com\"'); }");
        await walk.PressAsync(ByButton, SignIn);
        await Expect(walk.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The browser could not use a passkey here.");
    }

    [NeedsChromiumFact]
    public async Task An_answer_that_is_sent_again_and_a_counter_that_goes_back_are_refused()
    {
        await using var server = await RealServer.StartAsync(isNamed: true);
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.Page.AddInitScriptAsync(NoFieldOffer);
        var device = await WithPasskeyAsync(walk);
        var before = (await device.CredentialsAsync()).Single();
        var sent = walk.Page.WaitForRequestAsync(r => r.Url.EndsWith("/account/sign-in/passkey", StringComparison.Ordinal));
        await walk.PressAsync(ByButton, Account);
        string form = (await sent).PostData!;
        await walk.PressAsync("Sign out", SignIn);
        // The form itself, with the antiforgery token of the page that is there now.
        string token = await walk.Page.Locator("main [name=antiforgery]").First.InputValueAsync();
        var fields = System.Web.HttpUtility.ParseQueryString(form);
        fields["antiforgery"] = token;
        // With its mark it would be given the answer of then, with the session that is over.
        fields.Remove("mark");
        var again = await walk.Page.APIRequest.PostAsync(server.Address + "/account/sign-in/passkey", new()
        {
            Headers = new Dictionary<string, string> { ["Content-Type"] = "application/x-www-form-urlencoded" }, Data = fields.ToString()!, MaxRedirects = 0,
        });
        again.Status.Should().Be(401);

        await device.ReplaceAsync((await device.CredentialsAsync()).Single(), ("signCount", before.GetProperty("signCount").GetInt32() - 1));
        await walk.PressAsync(ByButton, SignIn);
        await Expect(walk.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The passkey was not accepted. Try again, or use your password.");
        await walk.SignInAsync("bob", Account);
    }

    /// <summary>A browser whose device has a passkey of bob's, on the sign-in page.</summary>
    private static async Task<VirtualAuthenticator> WithPasskeyAsync(Walk walk)
    {
        var device = await VirtualAuthenticator.OfAsync(walk.Page);
        await walk.GoAsync("/account/passkeys", SignIn);
        await walk.SignInAsync("bob", Passkeys);
        await AddAsync(walk, "Laptop");
        await walk.PressAsync("Sign out", SignIn);
        return device;
    }

    private static async Task AddAsync(Walk walk, string name)
    {
        await walk.FillAsync("Name", name);
        await walk.PressAsync("Add passkey", Passkeys);
        await Expect(walk.Notice).ToHaveTextAsync("The passkey is added. From now on it signs you in.");
        await Expect(walk.Page.GetByText(name, new() { Exact = true })).ToBeVisibleAsync();
    }
}
