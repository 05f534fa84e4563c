using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TokenServer.Accounts;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Passkeys;
using TokenServer.Web.Shared;

namespace TokenServer.Tests.Web.Console;

/// <summary>Who gets into the console: no stranger, no user, no administrator without a second factor; and what is dangerous, only after a recent sign-in.</summary>
public sealed class ConsoleDoorTests
{
    [Fact]
    public async Task Only_an_administrator_with_a_second_factor_sees_a_page()
    {
        await using var server = await ConsoleVisits.StartAsync();
        var routes = await RoutesAsync(server);
        using Browser stranger = new(server), bob = await Browser.OfAsync(server, "bob"), jane = await Browser.OfAsync(server, "jane"), john = await server.OpenConsoleAsync();
        string before = server.State();
        foreach (string path in routes.Where(r => r.Method == "GET").Select(r => r.Path))
        {
            (await stranger.GetAsync(path)).ShouldAskToSignIn(path);
            (await bob.GetAsync(path)).ShouldSay(403, "Your account may not use this page.");
            var told = await jane.GetAsync(path);
            told.ShouldSay(403, "The console is for administrators with two-factor authentication, and yours is off. Turn it on, then sign in again.");
            told.Body.Should().Contain("href=\"/account/two-factor\"");
            (await john.GetAsync(path)).Status.Should().Be(200, path);
        }
        server.State().Should().Be(before);
    }

    [Fact]
    public async Task Nobody_elses_form_is_taken()
    {
        await using var server = await ConsoleVisits.StartAsync();
        var forms = (await RoutesAsync(server)).Where(r => r.Method == "POST").Select(r => r.Path).ToList();
        using Browser stranger = new(server), bob = await Browser.OfAsync(server, "bob"), jane = await Browser.OfAsync(server, "jane"), john = await server.OpenConsoleAsync();
        await stranger.GetAsync("/account/sign-in");
        string before = server.State(), good = john.Token;
        foreach (string path in forms)
        {
            (await stranger.PostAsync(path, Fields)).ShouldAskToSignIn(string.Join('/', path.Split('/').Take(3)));
            (await bob.PostAsync(path, Fields)).Status.Should().Be(403, path);
            (await jane.PostAsync(path, Fields)).Status.Should().Be(403, path);
            foreach (string token in new[] { "", "CfDJ8A", stranger.Token, jane.Token })
            {
                john.Token = token;
                (await john.PostAsync(path, Fields)).Status.Should().Be(400, path);
            }
            foreach (var (name, value) in new[] { ("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site") })
            {
                john.Token = good;
                (await john.PostAsync(path, Fields, [(name, value)])).Status.Should().Be(403, path);
            }
        }
        server.State().Should().Be(before);
    }

    [Fact]
    public async Task What_is_dangerous_needs_a_sign_in_of_the_last_ten_minutes_and_comes_back_to_it()
    {
        await using var server = await ConsoleVisits.StartAsync();
        var routes = await RoutesAsync(server);
        routes.Where(r => r.Method == "POST" && !r.NeedsRecent).Select(r => r.Path).Should().BeEquivalentTo("/admin/audit/verify", "/admin/tokens");
        using var john = await server.OpenConsoleAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(11));
        string before = server.State();
        foreach (var (method, path, _) in routes.Where(r => r.NeedsRecent))
            (method == "GET" ? await john.GetAsync(path) : await john.PostAsync(path, Fields)).ShouldGoTo("/account/sign-in-again?return=" + Uri.EscapeDataString(path));
        server.State().Should().Be(before);
        (await john.GetAsync("/admin/clients/web")).Body.Should().Contain(">Save<").And.Contain("Save asks you to do so again, and comes back to what you entered.");
        await john.GetAsync("/account/sign-in-again?return=%2Fadmin%2Fclients%2Fweb%2Frevoke");
        (await john.PostAsync("/account/sign-in-again", ("password", TestImport.Password), ("return", "/admin/clients/web/revoke"))).ShouldGoTo("/account/second-factor");
        await john.GetAsync("/account/second-factor");
        (await john.PostAsync("/account/second-factor", ("code", server.TotpCode()))).ShouldGoTo("/admin/clients/web/revoke");
        (await john.GetAsync("/admin/clients/web/revoke")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_session_from_before_the_second_factor_is_asked_to_sign_in_again()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var jane = await Browser.OfAsync(server, "jane");
        // As if she had just turned it on.
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "TwoFactorEnabled"=@p0 WHERE "UserName"='jane'""", true));
        var told = await jane.GetAsync("/admin/keys");
        told.ShouldSay(403, "The console is for sessions that were made with a second factor, and this one was not. Sign in again, with a code or a passkey.");
        told.Body.Should().Contain("/account/sign-in-again?return=%2Fadmin%2Fkeys");
    }

    [Fact]
    public async Task The_code_alone_opens_it_where_the_password_was_just_now()
    {
        await using var server = await ConsoleVisits.StartAsync();
        await server.Get<AccountAdministration>().UpdateAsync(server.IdOf("bob"), _ => true, a => new AccountChange(a.Email!, a.Name, "admin"), "test");
        using var bob = await Browser.OfAsync(server, "bob");
        string secret = (await bob.PostAndFollowAsync("/account/two-factor/set-up")).Secret("secret")!;
        await bob.PostAndFollowAsync("/account/two-factor/enable", ("code", Authenticator.Code(secret, server.Clock.GetUtcNow())));
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        (await bob.GetAsync("/admin/keys")).Body.Should().Contain("/account/second-factor-needed?return=%2Fadmin%2Fkeys");
        (await bob.GetAsync("/account/second-factor-needed?return=%2Fadmin%2Fkeys")).Status.Should().Be(200);
        (await bob.PostAsync("/account/second-factor-needed", ("code", Authenticator.Code(secret, server.Clock.GetUtcNow())), ("return", "/admin/keys"))).ShouldGoTo("/admin/keys");
        (await bob.GetAsync("/admin/keys")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Who_loses_the_role_is_out_at_once()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        await server.Get<AccountAdministration>().UpdateAsync(server.IdOf("john"), _ => true, a => new AccountChange(a.Email!, a.Name, "user"), "test");
        (await john.GetAsync("/admin")).ShouldAskToSignIn("/admin");
    }

    [Fact]
    public async Task What_is_not_there_is_a_page_that_says_so()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        foreach (string path in new[] { "/admin/nothing", "/admin/clients/nobody", "/admin/clients/first-party", "/admin/clients/nobody/revoke", "/admin/users/999", "/admin/users/x", "/admin/users/999/delete", "/admin/sessions/nothing", "/admin/sessions/0000000000000/end", "/admin/installs/codes/999/revoke", "/admin/installs/codes/x/revoke", "/admin/servers/srv_0/revoke" })
            (await john.GetAsync(path)).ShouldSay(404, "There is no such page.");
        await john.GetAsync("/admin");
        string before = server.State();
        foreach (string path in new[] { "/admin/clients/nobody", "/admin/clients/nobody/secret", "/admin/clients/first-party/revoke", "/admin/clients/first-party/delete", "/admin/users/999", "/admin/users/999/disable", "/admin/users/999/password", "/admin/sessions/0000000000000/end", "/admin/installs/codes/999/revoke", "/admin/servers/srv_0/revoke" })
            (await john.PostAsync(path, Fields)).ShouldSay(404, "There is no such page.");
        server.State().Should().Be(before);
    }

    // What a form of any page could want: all of it right, so that only the door stands before the act.
    internal static readonly (string, string)[] Fields =
    [
        ("client_id", "fresh"), ("client_name", "Fresh"), ("token_endpoint_auth_method", "client_secret_basic"), ("username", "fresh"), ("email", "fresh@example.com"), ("name", "Fresh"), ("role", "admin"),
        ("answer", "confirm"), ("password", "a new and better one"), ("new_password", "a new and better one"), ("repeated_password", "a new and better one"),
    ];

    // The routes themselves say which there are: a new one is tried without a word here.
    internal static async Task<List<(string Method, string Path, bool NeedsRecent)>> RoutesAsync(TestServer server)
    {
        string session = (await server.SignInAsync(user: "bob"))["access_token"]!;
        var (install, code) = await server.InstallAsync(Installation.Register);
        // A receipt is of an install that was confirmed, which nobody can revoke the code of.
        var (confirmed, _) = await server.InstallAsync(Installation.Confirm);
        string change = await server.WantEmailAsync("bob", "robert@example.com"), passkey = await server.InsertPasskeyAsync("bob");
        string authenticator = (await server.AddAuthenticatorAsync("bob")).Id;
        string sid = Jwt.Claims(session).GetProperty("sid").GetString()!, face = await ((Door)Door.Account).TokenAsync(server);
        string key = (await server.AddKeyAsync(face)).Id;
        string tunnel = (await server.AddTunnelAsync(face)).Id.ToString();
        var routes = server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => e.RoutePattern.RawText is { } path && path.StartsWith("/admin", StringComparison.Ordinal) && !path.StartsWith("/admin/api", StringComparison.Ordinal))
            .Select(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Single(m => m != "HEAD"), e.RoutePattern.RawText!.TrimEnd('/').Replace("{id:int}", server.IdOf("bob").ToString(), StringComparison.Ordinal)
                .Replace("{passkey}", passkey, StringComparison.Ordinal).Replace("{change}", change, StringComparison.Ordinal).Replace("{authenticator}", authenticator, StringComparison.Ordinal).Replace("clients/{id}", "clients/web", StringComparison.Ordinal).Replace("scopes/{name}", "scopes/files", StringComparison.Ordinal).Replace("sessions/{id}", "sessions/" + sid, StringComparison.Ordinal).Replace("{key}", key, StringComparison.Ordinal).Replace("{tunnel:int}", tunnel, StringComparison.Ordinal).Replace("codes/{id}", "codes/" + code, StringComparison.Ordinal)
                .Replace("activations/{id}", "activations/" + confirmed.ActivationId, StringComparison.Ordinal).Replace("servers/{id}", "servers/" + install.ServerId, StringComparison.Ordinal), e.Metadata.GetMetadata<RecentPage>() is not null)).ToList();
        routes.Should().HaveCountGreaterThan(40).And.NotContain(r => r.Item2.Contains('{'));
        return routes;
    }
}
