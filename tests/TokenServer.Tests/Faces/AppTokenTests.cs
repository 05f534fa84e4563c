using TokenServer.Accounts;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Clients;
using TokenServer.Faces;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;
using TokenServer.Tokens;

namespace TokenServer.Tests.Faces;

/// <summary>The tokens of applications that people allowed something act for them no further than that.</summary>
public sealed class AppTokenTests(CodeServer code) : IClassFixture<CodeServer>
{
    private static readonly string[] Changes =
    [
        "POST /api/tunnels", "POST /api/tunnels/99/regenerate", "DELETE /api/tunnels/99", "POST /api/v1/auth/keys", "GET /api/v1/auth/keys",
        "DELETE /api/v1/auth/keys/key_06ttk6a000zzz", "POST /api/v1/auth/password", "POST /api/v1/auth/2fa/setup", "POST /api/v1/auth/2fa/enable",
        "POST /api/v1/auth/2fa/disable",
    ];

    public static TheoryData<string> EachChange => [.. Changes];

    [Theory]
    [MemberData(nameof(EachChange))]
    public async Task They_change_nothing_of_the_account(string route)
    {
        var answer = await CallAsync(route, await TokenAsync("ask", "openid api"));
        answer.Status.Should().Be(403, answer.Body);
        answer["error"].Should().Be("An application may not do this");
    }

    [Theory]
    [InlineData("ask", "openid api", 200)]
    [InlineData("ask", "openid", 401)]
    [InlineData("shop", "openid", 200)]
    [InlineData("shop", "openid profile", 200)]
    public async Task They_read_what_people_allowed(string client, string scope, int status)
    {
        string token = await TokenAsync(client, scope);
        (await CallAsync("GET /auth/me", token)).Status.Should().Be(status);
        (await CallAsync("GET /api/tunnels", token)).Status.Should().Be(status);
        (await code.Server.UserInfoAsync(token)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("openid profile email", ApiKeyScopes.Profile, true)]
    [InlineData("openid profile email", ApiKeyScopes.Tunnels, false)]
    [InlineData("openid api", ApiKeyScopes.Tunnels, true)]
    public void What_they_read_is_what_their_scopes_say(string scope, string what, bool may) =>
        new Bearer(new() { Use = TokenUse.Access, Client = new(new ApplicationRow { ClientId = "x", ConsentType = "explicit" }), Subject = "1", Audiences = [], IssuedAt = 0, Scope = scope },
            code.Server.Get<UserAccounts>().FindByLogin("bob"), BearerState.Good).May(what).Should().Be(may);

    [Theory]
    [InlineData("implicit", "authorization_code", false)]
    [InlineData("explicit", "authorization_code", true)]
    [InlineData("systematic", "urn:ietf:params:oauth:grant-type:device_code", true)]
    [InlineData("explicit", "password", false)]
    public void A_client_acts_by_consent_where_it_asks_and_never_sees_a_password(string consent, string grant, bool acts) =>
        new Client(new ApplicationRow { ClientId = "x", ConsentType = consent, Permissions = $"[\"gt:{grant}\"]" }).ActsByConsent.Should().Be(acts);

    private Task<Answer> CallAsync(string route, string token) =>
        code.Server.CallAsync(route.Split(' ')[0], route.Split(' ')[1], token, route.StartsWith("GET", StringComparison.Ordinal) ? null : new { });

    private async Task<string> TokenAsync(string client, string scope)
    {
        var server = code.Server;
        var bob = server.Get<UserAccounts>().FindByLogin("bob")!;
        var first = server.Get<FirstPartyClient>();
        var session = await server.Get<Database>().WriteAsync(s =>
            server.Get<UserSessions>().Start(s, bob, first.Client, first.Scopes, ["pwd"], false, null).Session);
        var owner = new Owner(bob.Id, session.Id, null);
        await server.Get<Consents>().AllowAsync(owner, server.Get<ClientRegistry>().Find(client)!, ScopeSet.Parse(scope));
        return (await code.Bob.SignInByCodeAsync(server, scope, client))["access_token"]!;
    }
}
