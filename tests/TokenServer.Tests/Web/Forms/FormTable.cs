using TokenServer.Accounts;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Accounts.Tunnels;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Connect.Device;
using TokenServer.Tests.Installs;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Console;
using TokenServer.Tests.Web.Passkeys;

namespace TokenServer.Tests.Web.Forms;

/// <summary>All forms that act, one row each. Whoever adds a form adds its row: a route that has none fails the test.</summary>
internal static class FormTable
{
    private const string NewPassword = "a new and better one", TotpSecret = TestImport.TotpSecret;

    // The secrets of authenticators that are being set up, by whose they are.
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> Pending = new();

    /// <summary>Forms that only ask.</summary>
    public static readonly string[] Questions = ["/admin/audit/verify", "/admin/tokens"];

    /// <summary>Forms for whoever is not signed in.</summary>
    public static readonly string[] Strangers = ["/account/sign-in", "/account/sign-in/passkey", "/account/second-factor"];

    /// <summary>Forms that are steps of something else, which begins anew after signing in, or out.</summary>
    public static readonly string[] Steps =
    [
        "/account/sign-in-again", "/account/sign-in-again/passkey", "/account/second-factor-needed", "/account/choose", "/account/consent", "/account/deny", "/account/sign-out",
    ];

    public static readonly FormRow[] Account =
    [
        new("/account/tunnels") { Typed = [("name", "<b>\"office\"</b> & 'home'")] },
        new("/account/tunnels/{id:int}/regenerate") { Target = visit => TunnelAsync(visit, "regenerate") },
        new("/account/tunnels/{id:int}/delete") { Target = visit => TunnelAsync(visit, "delete") },
        new("/account/keys") { Typed = [("name", "build <server>"), ("scope", ApiKeyScopes.Profile), ("end", "90")] },
        new("/account/keys/{id}/delete") { Target = async visit => $"/account/keys/{(await KeyAsync(visit, visit.User)).KeyId}/delete" },
        new("/account/apps/withdraw") { Target = AllowAsync, Hidden = ("client_id", "radio") },
        new("/account/sessions/{id}/end") { Who = SignedInElsewhere, Target = visit => Task.FromResult($"/account/sessions/{OtherSession(visit)}/end") },
        new("/account/sessions/end-others") { Who = SignedInElsewhere },
        new("/account/password") { Secrets = (_, _) => [("current_password", TestImport.Password), ("new_password", NewPassword), ("repeated_password", NewPassword)] },
        new("/account/profile") { Typed = [("name", "Ann \"O'Hara\" <x>")] },
        new("/account/email") { Typed = [("email", "new@example.com")] },
        new("/account/email/withdraw") { Page = "/account/profile", Target = WaitingEmailAsync },
        new("/account/passkeys") { Typed = [("name", "Phone")], Secrets = Passkey },
        new("/account/passkeys/{id}/remove") { Who = site => site.PasskeyUserAsync(), Target = visit => Task.FromResult($"/account/passkeys/{visit.Server.PasskeysOf(visit.User.Name)[0].PublicId}/remove") },
        new("/account/two-factor/set-up") { IsAudited = false },
        new("/account/two-factor/enable") { Open = visit => SetUpAsync(visit, "/set-up"), Secrets = PendingCode },
        new("/account/two-factor/recovery-codes") { Who = WithCodes, Secrets = (visit, _) => [("code", visit.Site.NextCode(visit.User))] },
        new("/account/two-factor/disable") { Who = WithCodes, Secrets = (visit, _) => [("password", TestImport.Password), ("code", visit.Site.NextCode(visit.User))] },
        new("/account/two-factor/authenticators/set-up") { Who = WithCodes, IsAudited = false },
        new("/account/two-factor/authenticators") { Who = WithCodes, Open = visit => SetUpAsync(visit, "/authenticators/set-up"), Typed = [("name", "safe <1>")], Secrets = PendingCode },
        new("/account/two-factor/authenticators/{id}/remove") { Who = WithCodes, Target = AuthenticatorAsync },
        new("/connect/verify") { Page = "/connect/verify", Typed = [("user_code", "WDJB-MJHT")], Status = 400 },
        new("/connect/verify/decide") { Open = DeviceAsync, Typed = [("decision", "allow")], Again = (visit, page) => ShownForm.Of(page, "/connect/verify").SendAsync(visit.Browser) },
    ];

    public static readonly FormRow[] Console =
    [
        new("/admin/clients/new") { Typed =
        [
            ("client_id", "brand-new"), ("client_name", "A “new” one"), ("grant_types", "authorization_code"), ("grant_types", "refresh_token"), ("scope", "api"), ("scope", "openid"), ("scope", "offline_access"),
            ("token_endpoint_auth_method", "client_secret_post"), ("redirect_uris", "https://a.example.com/?a=1&b=2\r\nhttps://b.example.com/"), ("access_token_lifetime", "77"), ("require_pkce", ShownForm.Unticked),
            ("consent_type", "systematic"), ("introspection", "true"),
        ] },
        new("/admin/clients/{id}") { Target = async visit => $"/admin/clients/{await visit.Site.ClientAsync()}", Typed = [("client_name", "Another"), ("grant_types", "client_credentials"), ("redirect_uris", "https://c.example.com/"), ("access_token_format", "opaque")] },
        new("/admin/clients/{id}/secret") { Target = visit => ClientAsync(visit, "secret"), Typed = [("keep_old_for", "86400")] },
        new("/admin/clients/{id}/end-old-secret") { Target = OldSecretAsync },
        new("/admin/clients/{id}/revoke") { Target = visit => ClientAsync(visit, "revoke") },
        new("/admin/clients/{id}/restore") { Target = async visit => $"/admin/clients/{await visit.Site.ClientAsync(isRevoked: true)}/restore" },
        new("/admin/clients/{id}/end-sessions") { Target = SignedInByClientAsync },
        new("/admin/clients/{id}/delete") { Target = visit => ClientAsync(visit, "delete") },
        new("/admin/scopes/new") { Typed = [("name", "brand-new"), ("display_name", "New"), ("description", "A <new> one"), ("resources", "https://r.example.com/")] },
        new("/admin/scopes/{name}") { Target = async visit => $"/admin/scopes/{await visit.Site.ScopeAsync()}", Typed = [("description", "Another")] },
        new("/admin/scopes/{name}/delete") { Target = async visit => $"/admin/scopes/{await visit.Site.ScopeAsync()}/delete" },
        new("/admin/users/new") { Typed = [("username", "newcomer"), ("email", "newcomer@example.com"), ("name", "New Comer"), ("role", "user")], Secrets = (_, _) => [("password", NewPassword)] },
        new("/admin/users/{id:int}") { Target = visit => UserAsync(visit), Typed = [("name", "Another"), ("email", "another@example.com")] },
        new("/admin/users/{id:int}/disable") { Target = visit => UserAsync(visit, "/disable") },
        new("/admin/users/{id:int}/enable") { Target = visit => UserAsync(visit, "/enable", user => visit.Server.Get<UserAccounts>().DisableAsync(visit.Server.Get<UserAccounts>().Find(user.Id)!, "test")) },
        new("/admin/users/{id:int}/second-factor") { Target = async visit => $"/admin/users/{(await visit.Site.UserAsync(TotpSecret)).Id}/second-factor" },
        new("/admin/users/{id:int}/password") { Target = visit => UserAsync(visit, "/password"), Secrets = (_, _) => [("new_password", NewPassword), ("repeated_password", NewPassword)] },
        new("/admin/users/{id:int}/delete") { Target = visit => UserAsync(visit, "/delete") },
        new("/admin/users/{id:int}/unlock") { Target = visit => UserAsync(visit, "/unlock", user => LockAsync(visit, user)) },
        new("/admin/users/{id:int}/end-sessions") { Target = visit => UserAsync(visit, "/end-sessions", visit.Site.TokenAsync) },
        new("/admin/users/{id:int}/keys/{key}/delete") { Target = async visit => await visit.Site.UserAsync() is { } user ? $"/admin/users/{user.Id}/keys/{(await KeyAsync(visit, user)).KeyId}/delete" : "" },
        new("/admin/users/{id:int}/tunnels/{tunnel:int}/revoke") { Target = async visit => await visit.Site.UserAsync() is { } user ? $"/admin/users/{user.Id}/tunnels/{(await visit.Server.AddTunnelAsync(await visit.Site.FaceTokenAsync(user))).Id}/revoke" : "" },
        new("/admin/users/{id:int}/passkeys/{passkey}") { Target = async visit => await visit.Site.UserAsync() is { } user ? $"/admin/users/{user.Id}/passkeys/{await visit.Server.InsertPasskeyAsync(user.Name)}" : "" },
        new("/admin/users/{id:int}/authenticators/{authenticator}") { Target = async visit => await visit.Site.UserAsync() is { } user ? $"/admin/users/{user.Id}/authenticators/{(await visit.Server.AddAuthenticatorAsync(user.Name)).Id}" : "" },
        new("/admin/users/{id:int}/email-change/{change}") { Target = async visit => await visit.Site.UserAsync() is { } user ? $"/admin/users/{user.Id}/email-change/{await visit.Server.WantEmailAsync(user.Name, user.Name + "@example.org")}" : "", Typed = [("answer", "confirm")] },
        new("/admin/sessions/{id}/end") { Target = async visit => $"/admin/sessions/{await SessionAsync(visit)}/end?return=%2Fadmin%2Fusers%2F1" },
        new("/admin/sessions/end") { Target = async visit => $"/admin/sessions/end?return=/admin/sessions&session={await SessionAsync(visit)}&session={await SessionAsync(visit)}" },
        new("/admin/installs/codes/{id}/revoke") { Target = async visit => $"/admin/installs/codes/{(await visit.Server.InstallAsync(Installation.Register)).Code}/revoke" },
        new("/admin/servers/{id}/revoke") { Target = async visit => $"/admin/servers/{(await visit.Server.InstallAsync()).Install.ServerId}/revoke" },
        new("/admin/servers/{id}/resolve") { Target = async visit => $"/admin/servers/{(await CloneTests.SuspectedAsync(visit.Server)).ServerId}/resolve", Typed = [("action", "rekey")] },
        new("/admin/tokens/revoke") { Open = PasteAsync, Again = (visit, _) => PasteAsync(visit), Secrets = (_, page) => [("pasted", ShownForm.Of(page, "/admin/tokens/revoke").Fields.Single(f => f.Name == "pasted").Value)] },
        new("/admin/keys/rotate") { Typed = [("sure", "true")] },
        new("/admin/keys/replace"),
    ];

    private static Task<FormUser> WithCodes(FormSite site) => site.UserAsync(TotpSecret);

    private static async Task<string> TunnelAsync(FormVisit visit, string act)
    {
        await visit.Server.AddTunnelAsync(await visit.Site.FaceTokenAsync(visit.User), "office");
        // Another one, whose forms are not meant.
        var (id, _) = await visit.Server.AddTunnelAsync(await visit.Site.FaceTokenAsync(visit.User), "home");
        return $"/account/tunnels/{id}/{act}";
    }

    private static async Task<ApiKey> KeyAsync(FormVisit visit, FormUser user)
    {
        await visit.Server.AddKeyAsync(await visit.Site.FaceTokenAsync(user));
        return visit.Server.Get<UserApiKeys>().Of(user.Id)[0];
    }

    private static async Task<string> AllowAsync(FormVisit visit)
    {
        var owner = new Owner(visit.User.Id, visit.Session, null);
        foreach (string client in new[] { "tv", "radio", "bare" })
            (await visit.Server.Get<Consents>().AllowAsync(owner, visit.Server.Get<ClientRegistry>().Find(client)!, ScopeSet.Parse("api"))).Should().Be(NotOwned.Owned);
        return "/account/apps/withdraw";
    }

    private static async Task<FormUser> SignedInElsewhere(FormSite site)
    {
        var user = await site.UserAsync();
        await site.TokenAsync(user);
        return user;
    }

    private static string OtherSession(FormVisit visit) => TimeOrderedId.ToText(visit.Server.Get<OpenSessions>().Of(visit.User.Id).Min(s => s.Id));

    private static async Task<string> WaitingEmailAsync(FormVisit visit)
    {
        await visit.Server.WantEmailAsync(visit.User.Name, "wanted@example.com");
        return "/account/email/withdraw";
    }

    private static async Task<string> SessionAsync(FormVisit visit) => Jwt.Claims(await visit.Site.TokenAsync(await visit.Site.UserAsync())).Text("sid");

    private static (string, string)[] Passkey(FormVisit visit, Answer page)
    {
        using var passkey = new SoftPasskey();
        var (options, ceremony) = page.Offer();
        return [("credential", passkey.Make(options)), ("ceremony", ceremony)];
    }

    private static (string, string)[] PendingCode(FormVisit visit, Answer page) => [("code", Authenticator.Code(Pending[visit.User.Name], visit.Server.Clock.GetUtcNow()))];

    private static async Task<string> AuthenticatorAsync(FormVisit visit) =>
        $"/account/two-factor/authenticators/{(await visit.Server.AddAuthenticatorAsync(visit.User.Name, "safe")).Id}/remove";

    private static async Task<Answer> SetUpAsync(FormVisit visit, string form)
    {
        await visit.Browser.GetAsync("/account/two-factor");
        var page = await visit.Browser.PostAndFollowAsync("/account/two-factor" + form);
        Pending[visit.User.Name] = page.Secret("secret")!;
        return page;
    }

    private static async Task<Answer> DeviceAsync(FormVisit visit)
    {
        var device = await visit.Server.AskAsync();
        return await ShownForm.Of(await visit.Browser.GetAsync("/connect/verify"), "/connect/verify").Typed(("user_code", device.UserCode)).SendAsync(visit.Browser);
    }

    private static async Task<Answer> PasteAsync(FormVisit visit)
    {
        string token = await visit.Site.TokenAsync(await visit.Site.UserAsync());
        return await ShownForm.Of(await visit.Browser.GetAsync("/admin/tokens"), "/admin/tokens").Typed(("token", token)).SendAsync(visit.Browser);
    }

    private static async Task<string> ClientAsync(FormVisit visit, string act) => $"/admin/clients/{await visit.Site.ClientAsync()}/{act}";

    private static async Task<string> SignedInByClientAsync(FormVisit visit)
    {
        string client = await visit.Site.ClientAsync();
        (await visit.Server.SignInAsync(client, (await visit.Site.UserAsync()).Name, "api")).Status.Should().Be(200);
        return $"/admin/clients/{client}/end-sessions";
    }

    private static async Task LockAsync(FormVisit visit, FormUser user)
    {
        for (int i = 0; i < FormSite.FailuresToLock; i++) (await visit.Server.SignInAsync(user: user.Name, password: "wrong")).Status.Should().Be(400);
    }

    private static async Task<string> OldSecretAsync(FormVisit visit)
    {
        string client = await visit.Site.ClientAsync();
        await visit.Server.Get<ClientRegistry>().RotateSecretAsync(client, "test", TimeSpan.FromDays(1));
        return $"/admin/clients/{client}/end-old-secret";
    }

    private static async Task<string> UserAsync(FormVisit visit, string act = "", Func<FormUser, Task>? prepare = null)
    {
        var user = await visit.Site.UserAsync();
        if (prepare is not null) await prepare(user);
        return $"/admin/users/{user.Id}{act}";
    }
}
