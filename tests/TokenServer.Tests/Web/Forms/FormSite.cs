using OtpNet;
using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Connect.Device;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Console;
using TokenServer.Tests.Web.Passkeys;
using Authenticator = TokenServer.Tests.Support.Authenticator;

namespace TokenServer.Tests.Web.Forms;

/// <summary>One server for all forms, and what each needs to have something to be done to: made anew for each, so that none is in another's way.</summary>
public sealed class FormSite : IAsyncLifetime
{
    public const int FailuresToLock = 3;
    private const string Tester = "test";
    private int made;

    internal TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await ConsoleVisits.StartAsync($"--Accounts:LockoutFailures={FailuresToLock}", $"--TokenServer:Issuer={PasskeyVisits.Origin}");
        await Server.AddDeviceClientsAsync();
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>A name that nothing has.</summary>
    internal string Name(string what) => $"{what}-{Interlocked.Increment(ref made)}";

    /// <summary>Somebody who has nothing yet.</summary>
    internal async Task<FormUser> UserAsync(string? totpSecret = null)
    {
        string name = Name("user");
        (await Server.Get<UserAccounts>().AddAsync(new() { UserName = name, Email = name + "@example.com", Password = TestImport.Password }, Tester)).Should().BeNull();
        if (totpSecret is not null)
            await Server.Get<Database>().WriteAsync(s => Server.Get<SecondFactor>().Give(s, UserAccounts.FindByLogin(s, name)!.Id, Base32Encoding.ToBytes(totpSecret)));
        return new(name, Server.IdOf(name), totpSecret);
    }

    /// <summary>The console's administrator.</summary>
    internal FormUser Administrator => new(ConsoleVisits.Administrator, Server.IdOf(ConsoleVisits.Administrator), TestImport.TotpSecret);

    /// <summary>Somebody who signs in by a passkey.</summary>
    internal async Task<FormUser> PasskeyUserAsync() => await PasskeyOfAsync(await UserAsync());

    private async Task<FormUser> PasskeyOfAsync(FormUser user) => user with { Passkey = await Server.PasskeyAsync(user.Name) };

    internal async Task<string> ClientAsync(bool isRevoked = false)
    {
        string id = Name("client");
        (await Server.Get<ClientRegistry>().AddAsync(new() { ClientId = id, ClientName = "A client", ClientSecret = TestImport.Secret, GrantTypes = ["authorization_code", "password"], Scope = "api", RedirectUris = ["https://app.example.com/"] }, Tester)).Should().BeNull();
        if (isRevoked) await Server.Get<ClientRegistry>().RevokeAsync(id, Tester);
        return id;
    }

    internal async Task<string> ScopeAsync()
    {
        string name = Name("scope");
        (await Server.Get<RegisteredScopes>().AddAsync(new() { Name = name, Description = "Something" }, Tester)).Should().BeNull();
        return name;
    }

    /// <summary>A session that a user began by a program; its token.</summary>
    internal async Task<string> TokenAsync(FormUser user) => (await Server.SignInAsync(user: user.Name))["access_token"]!;

    /// <summary>A token of a user for the faces.</summary>
    internal Task<string> FaceTokenAsync(FormUser user) => ((Door)Door.Account).TokenAsync(Server, user.Name);

    /// <summary>The session that a user began last.</summary>
    internal long LastSession(FormUser user) => Server.Get<OpenSessions>().Of(user.Id).Max(s => s.Id);

    /// <summary>A browser that the user has just signed in with.</summary>
    internal async Task<Browser> SignInAsync(FormUser user)
    {
        var browser = new Browser(Server);
        (await SignInAsync(browser, user, await browser.GetAsync("/account/sign-in?return=%2Faccount"))).Status.Should().Be(200);
        return browser;
    }

    /// <summary>Signs in on the page that asks for it, with all that the user needs; the page that it leads back to.</summary>
    internal async Task<Answer> SignInAsync(Browser browser, FormUser user, Answer page)
    {
        if (user.Passkey is not null) return await SignInAsync(browser, user.Passkey, page);
        bool isAgain = page.Body.Contains("action=\"/account/sign-in-again\"", StringComparison.Ordinal);
        var form = ShownForm.Of(page, isAgain ? "/account/sign-in-again" : "/account/sign-in").Typed(("password", TestImport.Password));
        var answer = await (isAgain ? form : form.Typed(("username", user.Name))).SendAsync(browser);
        if (user.TotpSecret is null) return await browser.NextAsync(answer);
        answer.ShouldGoTo("/account/second-factor");
        page = await browser.NextAsync(answer);
        return await browser.NextAsync(await ShownForm.Of(page, "/account/second-factor").Typed(("code", NextCode(user))).SendAsync(browser));
    }

    private static async Task<Answer> SignInAsync(Browser browser, SoftPasskey passkey, Answer page)
    {
        var form = page.Body.Contains("action=\"/account/sign-in-again\"", StringComparison.Ordinal) ? ShownForm.Of(page, "/account/sign-in-again/passkey") : ShownForm.Of(page, "/account/sign-in/passkey");
        var (options, _) = page.Offer();
        return await browser.NextAsync(await form.Typed(("credential", passkey.Show(options))).SendAsync(browser));
    }

    /// <summary>A code of the user's authenticator that was not used yet.</summary>
    internal string NextCode(FormUser user)
    {
        Server.Clock.Advance(TimeSpan.FromSeconds(30));
        return Authenticator.Code(user.TotpSecret!, Server.Clock.GetUtcNow());
    }
}

/// <summary>Who fills in a form.</summary>
internal sealed record FormUser(string Name, int Id, string? TotpSecret)
{
    public SoftPasskey? Passkey { get; init; }
}
