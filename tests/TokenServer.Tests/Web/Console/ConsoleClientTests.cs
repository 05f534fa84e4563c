using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Console;

/// <summary>Clients in the console: registered, changed, given a new secret, revoked, restored, deleted.</summary>
public sealed class ConsoleClientTests
{
    [Fact]
    public async Task A_client_is_registered_and_its_secret_is_shown_once()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        var made = await john.SubmitAsync("/admin/clients/new", ("client_id", "fresh"), ("client_name", "Fresh & new"), ("grant_types", "client_credentials"), ("scope", "api  files"), ("audiences", "api\r\nfiles"),
            ("introspection", "true"), ("redirect_uris", "https://app.example.com/back"), ("access_token_format", "opaque"), ("access_token_lifetime", "600"), ("id_token_signed_response_alg", "ES256"));
        string secret = (await john.NextAsync(made)).Secret("secret")!;
        secret.Should().HaveLength(43);
        server.ShouldHaveAudited("client.added", "fresh", "scope: api files");
        var client = ClientRegistration.Of(server.Get<ClientRegistry>().Find("fresh")!);
        client.Should().BeEquivalentTo(new ClientRegistration
        {
            ClientId = "fresh", ClientSecret = ClientRegistration.Kept, ClientName = "Fresh & new", GrantTypes = ["client_credentials"], Scope = "api files", Audiences = ["api", "files"], Introspection = true,
            RedirectUris = ["https://app.example.com/back"], TokenEndpointAuthMethod = "client_secret_basic", AccessTokenFormat = "opaque", AccessTokenLifetime = 600, IdTokenSignedResponseAlg = "ES256", ConsentType = "explicit",
        });
        (await TokenAsync(server, secret)).Status.Should().Be(200);
        foreach (string page in new[] { "/admin/clients/fresh", "/admin/clients", "/admin/audit" }) (await john.GetAsync(page)).Body.Should().Contain("fresh").And.NotContain(secret);
        (await john.SubmitAsync("/admin/clients/new", ("client_id", "phone"), ("token_endpoint_auth_method", "none"))).ShouldGoTo("/admin/clients/phone", "ClientAdded");
        (await john.SubmitAsync("/admin/clients/new", ("client_id", "fresh"))).ShouldSay(400, "Nothing was saved: “Client ID” is taken.");
        (await john.SubmitAsync("/admin/clients/new", ("client_id", "12"))).Alert().Should().Contain("“Client ID” may not be a number");
        (await john.SubmitAsync("/admin/clients/new", ("client_id", "x"), ("access_token_lifetime", "soon"))).ShouldSay(400, "Nothing was saved: “Lifetime of its access tokens” must be a number of seconds.");
        (await john.SubmitAsync("/admin/clients/new", ("client_id", "a/b"), ("token_endpoint_auth_method", "none"))).ShouldGoTo("/admin/clients/a%2Fb", "ClientAdded");
        (await john.GetAsync("/admin/clients/a%2Fb")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Scopes_are_ticks_and_the_line_that_gets_the_first_token_is_shown()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        (await john.GetAsync("/admin/clients/new")).Body.Should().Contain("<input type=\"checkbox\" name=\"scope\" value=\"api\"").And.Contain("value=\"openid\"").And.NotContain("id=\"first-token\"");
        var made = await john.NextAsync(await john.SubmitAsync("/admin/clients/new", ("client_id", "a'b\"$c"), ("grant_types", "client_credentials"), ("scope", "api"), ("scope", "openid")));
        string secret = made.Secret("secret")!, line = made.Secret("first-token")!;
        line.Should().Be($"curl -u \"a%27b%22%24c:{secret}\" -d grant_type=client_credentials {server.Address}/connect/token");
        made.Body.Should().Contain("<details open");
        var answer = await server.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/connect/token")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials")]),
            Headers = { Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(line.Split('"')[1]))) },
        });
        (answer.Status, answer["scope"]).Should().Be((200, "api"), "what curl sends for it is taken");
        string page = "/admin/clients/" + Uri.EscapeDataString("a'b\"$c");
        (await john.GetAsync(page)).Secret("first-token").Should().Contain("$client_secret").And.NotContain(secret);
        (await john.SubmitAsync(page)).Status.Should().Be(303);
        server.Get<ClientRegistry>().Find("a'b\"$c")!.Scopes.Should().BeEquivalentTo(["api", "openid"], "what is ticked stays");
    }

    [Theory]
    [InlineData("client_secret_post", "client_credentials", "curl -d \"client_id=some\" -d \"client_secret=$client_secret\" -d grant_type=client_credentials ISSUER/connect/token")]
    [InlineData("none", "authorization_code", "ISSUER/connect/authorize?client_id=some&response_type=code&redirect_uri=https%3A%2F%2Fapp.example.com%2Fback&scope=api&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256")]
    [InlineData("client_secret_basic", "password", null)]
    public async Task What_gets_the_first_token_goes_with_the_grant(string method, string grant, string? expected)
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        var client = new ClientRegistration { ClientId = "some", GrantTypes = [grant], Scope = "api", TokenEndpointAuthMethod = method };
        if (client.WantsSecret) client.ClientSecret = TestImport.Secret;
        if (grant == "authorization_code") client.RedirectUris = ["https://app.example.com/back"];
        (await server.Get<ClientRegistry>().AddAsync(client, "test")).Should().BeNull();
        (await john.GetAsync("/admin/clients/some")).Secret("first-token").Should().Be(expected?.Replace("ISSUER", server.Address, StringComparison.Ordinal));
        await server.Get<ClientRegistry>().RevokeAsync("some", "test");
        (await john.GetAsync("/admin/clients/some")).Secret("first-token").Should().BeNull("a revoked client gets none");
    }

    [Fact]
    public async Task A_change_keeps_what_it_does_not_name_and_a_stale_one_is_refused()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        var before = ClientRegistration.Of(server.Get<ClientRegistry>().Find("web")!);
        var old = ConsoleVisits.Fields(await john.GetAsync("/admin/clients/web"));
        (await john.SubmitAsync("/admin/clients/web", ("client_name", "The web"))).ShouldGoTo("/admin/clients/web", "ClientSaved");
        (await john.GetAsync("/admin/clients/web")).Notice().Should().Be("The client is changed.");
        before.ClientName = "The web";
        ClientRegistration.Of(server.Get<ClientRegistry>().Find("web")!).Should().BeEquivalentTo(before);
        server.ShouldHaveAudited("client.changed", "web", "client_name");
        (await server.SignInAsync()).Status.Should().Be(200, "the secret stays");
        var stale = await john.PostAsync("/admin/clients/web", [.. old.Where(f => f.Name != "client_name"), ("client_name", "Mine")]);
        stale.ShouldSay(409, "Nothing was saved: the client was changed in the meantime. What you entered is below; open the client again to see it as it is now.");
        stale.Body.Should().Contain("value=\"Mine\"");
        (await john.PostAsync("/admin/clients/web", [.. old.Where(f => f.Name != "version")])).Status.Should().Be(409, "a form without a version is nobody's");
        server.Get<ClientRegistry>().Find("web")!.Name.Should().Be("The web");
    }

    [Fact]
    public async Task A_new_secret_is_shown_once_and_the_old_one_is_refused()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        (await TokenAsync(server, TestImport.Secret, "worker")).Status.Should().Be(200);
        string secret = (await john.NextAsync(await john.SubmitAsync("/admin/clients/worker/secret"))).Secret("secret")!;
        server.ShouldHaveAudited("client.secret_rotated", "worker");
        (await TokenAsync(server, TestImport.Secret, "worker")).Status.Should().Be(401);
        (await TokenAsync(server, secret, "worker")).Status.Should().Be(200);
        (await john.GetAsync("/admin/clients/worker")).Body.Should().NotContain(secret);
        (await john.GetAsync("/admin/clients/mobile/secret")).Status.Should().Be(404, "a public client has none");
        (await john.PostAsync("/admin/clients/mobile/secret")).Status.Should().Be(404);
        server.Log.Lines.Should().NotContain(l => l.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_old_secret_may_be_kept_and_the_page_says_until_when_and_ends_it()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        (await john.GetAsync("/admin/clients/worker/end-old-secret")).Body.Should().Contain("It has no old secret any more.").And.NotContain("class=\"danger\"");
        string secret = (await john.NextAsync(await john.SubmitAsync("/admin/clients/worker/secret", ("keep_old_for", "3600")))).Secret("secret")!;
        (await TokenAsync(server, TestImport.Secret, "worker")).Status.Should().Be(200);
        (await john.GetAsync("/admin/clients/worker")).Body.Should().Contain("<dt>Old secret</dt>").And.Contain("/admin/clients/worker/end-old-secret");
        (await john.GetAsync("/admin/clients/worker/secret")).Body.Should().Contain("there are two at most");
        (await john.SubmitAsync("/admin/clients/worker/end-old-secret")).ShouldGoTo("/admin/clients/worker", "OldSecretEnded");
        server.ShouldHaveAudited("client.old_secret_ended", "worker");
        (await TokenAsync(server, TestImport.Secret, "worker")).Status.Should().Be(401);
        (await TokenAsync(server, secret, "worker")).Status.Should().Be(200);
        (await john.GetAsync("/admin/clients/worker")).Body.Should().NotContain("Old secret");
        foreach (string wrong in (string[])["-1", "60", "2592001", "soon"])
            (await john.PostAsync("/admin/clients/worker/secret", ("keep_old_for", wrong))).Status.Should().Be(400, wrong);
    }

    [Fact]
    public async Task Revoking_says_what_dies_and_kills_it_and_restoring_brings_nothing_back()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string token = (await server.SignInAsync(user: "bob"))["access_token"]!;
        await server.SignInAsync(user: "bob", scope: "openid api");
        await server.SignInAsync("other", "bob");
        (await john.GetAsync("/admin/clients/web/revoke")).Radius().Should().Be("2 1 0 0 0");
        (await john.GetAsync("/admin/clients/web/delete")).Radius().Should().Be("2 1 0 0 0");
        (await john.SubmitAsync("/admin/clients/web/revoke")).ShouldGoTo("/admin/clients/web", "ClientRevoked");
        server.ShouldHaveAudited("client.revoked", "web");
        (await server.IsActiveAsync(token)).Should().BeFalse();
        (await john.GetAsync("/admin/clients/web/revoke")).Radius().Should().Be("0 0 0 0 0");
        (await john.GetAsync($"/admin/users/{server.IdOf("bob")}/disable")).Radius().Should().Be("1 1 0 0 0", "only that of the other client is left");
        (await john.GetAsync("/admin/clients?status=revoked")).Body.Should().Contain(">web<").And.NotContain(">worker<");
        (await john.SubmitAsync("/admin/clients/web/restore")).ShouldGoTo("/admin/clients/web", "ClientRestored");
        server.ShouldHaveAudited("client.restored", "web");
        (await server.IsActiveAsync(token)).Should().BeFalse();
        await server.SignInAsync(user: "bob");
        (await john.GetAsync("/admin/clients/web/revoke")).Radius().Should().Be("1 1 0 0 0", "the old ones are dead");
    }

    [Fact]
    public async Task A_deleted_client_is_gone_with_its_tokens()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string token = await server.WorkerTokenAsync();
        (await john.SubmitAsync("/admin/clients/worker/delete")).ShouldGoTo("/admin/clients", "ClientDeleted");
        server.ShouldHaveAudited("client.deleted", "worker");
        (await server.IsActiveAsync(token)).Should().BeFalse();
        (await john.GetAsync("/admin/clients/worker")).Status.Should().Be(404);
    }

    [Fact]
    public async Task Older_clients_are_on_the_next_page()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        for (int i = 0; i < 46; i++) await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = $"c{i:00}" }, "test");
        var first = await john.GetAsync("/admin/clients?status=active");
        string older = System.Net.WebUtility.HtmlDecode(System.Text.RegularExpressions.Regex.Match(first.Body, "href=\"([^\"]+)\" rel=\"next\"").Groups[1].Value);
        older.Should().StartWith("/admin/clients?status=active&before=");
        first.Body.Should().Contain(">c45<").And.Contain(">opaque<").And.NotContain(">worker<");
        (await john.GetAsync(older)).Body.Should().Contain(">worker<").And.NotContain(">opaque<").And.NotContain("rel=\"next\"");
        (await john.GetAsync("/admin/clients?before=x")).ShouldSay(400, "The page must be a number.");
        (await john.GetAsync("/admin/clients?status=x")).ShouldSay(400, "Status must be one of: active, revoked.");
    }

    private static async Task<Answer> TokenAsync(TestServer server, string secret, string client = "fresh") => await server.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/connect/token")
    {
        Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials")]), Headers = { Authorization = OAuth.Basic(client, secret) },
    });
}
