using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Interop;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>Who may read the feed, and what each sees of it: what concerns its audiences (contract section 1, as introspection).</summary>
public sealed class AudienceTests : IAsyncLifetime
{
    private TestServer server = null!;

    public async Task InitializeAsync() => server = await FeedRig.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Each_sees_what_its_tokens_audiences_are_concerned_by()
    {
        await server.Get<ClientRegistry>().DeleteAsync("swap", "test");
        await server.Get<Database>().WriteAsync(s => s.Execute("""DELETE FROM "FormerAudiences" """));
        string forApi = await server.EndSessionAsync("openid offline_access api"), forFiles = await server.EndSessionAsync("openid offline_access files");
        string forBoth = await server.EndSessionAsync("openid offline_access api files"), token = await server.RevokeTokenAsync();
        string filer = await server.RevokeTokenAsync("filer");
        await server.Get<ClientRegistry>().RevokeAsync("filer", "test");
        (await server.AllAsync("api")).Select(e => e.Subject()).Should().Equal(forApi, forBoth, token);
        (await server.AllAsync("files")).Select(e => e.Subject()).Should().Equal("swap", forFiles, forBoth, filer, "filer");
        (await server.AllAsync("archive")).Select(e => e.Subject()).Should().Equal(["swap"], "that one's tokens could be for it");
    }

    [Fact]
    public async Task Who_gets_tokens_and_reads_sees_its_own()
    {
        var registry = server.Get<ClientRegistry>();
        await registry.UpdateAsync("worker", _ => true, r => { r.Introspection = true; return r; }, "test");
        string own = await server.RevokeTokenAsync();
        await server.EndSessionAsync("openid offline_access files");
        (await server.AllAsync("worker")).Select(e => e.Subject()).Should().Contain(own).And.HaveCount(1);
    }

    [Theory]
    [InlineData("api")]
    [InlineData("files")]
    [InlineData("archive")]
    [InlineData("worker")]
    [InlineData("filer")]
    public async Task What_a_client_is_told_of_is_what_introspection_told_it_of(string reader)
    {
        // Nothing can have been exchanged for anything, so that nobody is told more to be sure.
        await server.Get<ClientRegistry>().DeleteAsync("swap", "test");
        await server.Get<ClientRegistry>().UpdateAsync(reader, _ => true, r => { r.Introspection = true; return r; }, "test");
        await server.Get<Database>().WriteAsync(s =>
        {
            s.Execute("""DELETE FROM "FormerAudiences" """);
            s.Execute("""DELETE FROM "Revocations" """);
        });
        (string Client, string Token)[] given =
        [
            ("worker", await server.WorkerTokenAsync()), ("filer", await server.WorkerTokenAsync("filer")), ("quiet", await server.WorkerTokenAsync("quiet")),
            .. await Task.WhenAll(((string[])["openid api", "openid files", "openid api files", "openid"]).Select(async scope =>
                ("web", (await server.SignInAsync("web", "bob", scope))["access_token"]!))),
        ];
        var shown = new List<string>();
        foreach (var (_, token) in given)
            if ((await server.PostAsync("/connect/introspect", reader, ("token", token)))["active"] == "True") shown.Add(Id(token));
        foreach (var (client, token) in given) (await server.PostAsync("/connect/revoke", client, ("token", token))).Status.Should().Be(200);
        (await server.AllAsync(reader)).Select(e => e.Subject()).Should().BeEquivalentTo(shown);

        static string Id(string token) => Jwt.Claims(token) is var claims && claims.TryGetProperty("sid", out var session) ? session.GetString()! : claims.Text("jti");
    }

    [Fact]
    public async Task Who_registers_a_name_that_was_deleted_is_not_told_what_the_other_had()
    {
        await server.RevokeTokenAsync("filer");
        var registry = server.Get<ClientRegistry>();
        await registry.DeleteAsync("swap", "test");
        await registry.DeleteAsync("filer", "test");
        await server.Get<Database>().WriteAsync(s => s.Execute("""DELETE FROM "FormerAudiences" """));
        (await registry.AddAsync(new() { ClientId = "filer", ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "api", Introspection = true }, "test")).Should().BeNull();
        string own = await server.RevokeTokenAsync("filer");
        (await server.AllAsync("filer")).Select(e => e.Subject()).Should().Equal("filer", own);
    }

    [Fact]
    public async Task What_a_token_may_have_been_exchanged_for_is_concerned()
    {
        string session = await server.EndSessionAsync("openid offline_access api");
        (await server.AllAsync("archive")).Select(e => e.Subject()).Should().Contain(session);
    }

    [Fact]
    public async Task What_a_scope_or_an_exchange_was_for_until_lately_is_concerned()
    {
        await server.Get<RegisteredScopes>().UpdateAsync("api", _ => true, r => { r.Resources = ["files"]; return r; }, "test");
        await server.Get<ClientRegistry>().DeleteAsync("swap", "test");
        string session = await server.EndSessionAsync("openid offline_access api");
        foreach (string reader in (string[])["api", "files", "archive"]) (await server.AllAsync(reader)).Select(e => e.Subject()).Should().Contain(session, reader);
    }

    [Fact]
    public async Task A_reader_whose_audiences_change_begins_anew()
    {
        string session = await server.EndSessionAsync("openid offline_access api");
        string cursor = (await server.PollAsync(new { cursor = "", returnImmediately = true }, "files"))["cursor"]!;
        await server.SettleAsync();
        cursor = (await server.PollAsync(new { cursor, returnImmediately = true }, "files"))["cursor"]!;
        await server.Get<ClientRegistry>().UpdateAsync("files", _ => true, r => { r.Audiences = ["files", "api"]; return r; }, "test");
        var answer = await server.PollAsync(new { cursor, returnImmediately = true }, "files");
        answer["begin_anew"].Should().Be("True");
        answer.Events().Select(e => e.Subject()).Should().Contain(session);
    }

    [Fact]
    public async Task A_cursor_of_another_client_is_none()
    {
        await server.EndSessionAsync();
        string cursor = (await server.PollAsync(new { cursor = "" }))["cursor"]!;
        (await server.PollAsync(new { cursor, returnImmediately = true }, "files"))["begin_anew"].Should().Be("True");
    }

    [Theory]
    [InlineData("api", "wrong", 401, "invalid_client")]
    [InlineData("unknown", TestImport.Secret, 401, "invalid_client")]
    [InlineData("mobile", TestImport.Secret, 401, "invalid_client")]
    [InlineData("quiet", TestImport.Secret, 400, "unauthorized_client")]
    public async Task Who_may_not_introspect_may_not_read(string client, string secret, int status, string error)
    {
        var answer = await server.PollAsync(null, client, secret);
        (answer.Status, answer["error"]).Should().Be((status, error));
        if (status == 401) answer.Headers.WwwAuthenticate.ToString().Should().Be("Basic realm=\"TokenServer\"");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/events/stream") { Headers = { Authorization = OAuth.Basic(client, secret) } };
        var streamed = await server.SendAsync(request);
        (streamed.Status, streamed["error"]).Should().Be((status, error));
    }

    [Fact]
    public async Task Without_credentials_with_two_and_revoked_it_is_refused_and_failures_are_counted()
    {
        var none = await server.PollAsync(null, null);
        (none.Status, none["error"], none.Headers.WwwAuthenticate.Count).Should().Be((401, "invalid_client", 0));
        (await server.PollAsync(new { client_id = "api", client_secret = "x" }))["error"].Should().Be("invalid_request");
        (await server.PollAsync(new { client_id = "files" }))["error"].Should().Be("invalid_request");
        (await server.PollAsync(new { client_id = "api", client_secret = TestImport.Secret, returnImmediately = true }, null)).Status.Should().Be(200);
        await server.Get<ClientRegistry>().RevokeAsync("api", "test");
        (await server.PollAsync())["error"].Should().Be("invalid_client");
        for (int i = 0; i < 30; i++) await server.PollAsync(null, "files", "wrong");
        (await server.PollAsync(null, "files", "wrong")).Status.Should().Be(429);
        server.AuditedEvents().Should().Contain("client_authentication.failed");
    }

    [Fact]
    public async Task A_client_with_keys_reads_by_its_assertion()
    {
        var key = new ClientKey();
        var registration = new ClientRegistration
        {
            ClientId = "keyed", TokenEndpointAuthMethod = "private_key_jwt", Audiences = ["api"], Introspection = true,
            Jwks = System.Text.Json.JsonSerializer.SerializeToElement(new { keys = new[] { key.Jwk } }),
        };
        (await server.Get<ClientRegistry>().AddAsync(registration, "test")).Should().BeNull();
        string assertion = key.Assert(server, "keyed");
        object body = new { returnImmediately = true, client_assertion = assertion, client_assertion_type = ClientKey.AssertionType };
        (await server.PollAsync(body, null)).Status.Should().Be(200);
        (await server.PollAsync(body, null))["error"].Should().Be("invalid_client", "each is good once");
        (await server.PollAsync(new { client_assertion = assertion }, null))["error"].Should().Be("invalid_request");
        using var stream = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/connect/events/stream")
            { Content = new FormUrlEncodedContent(ClientKey.Form(key.Assert(server, "keyed")).Select(f => KeyValuePair.Create(f.Item1, f.Item2))) }, HttpCompletionOption.ResponseHeadersRead);
        ((int)stream.StatusCode).Should().Be(200);
    }

    [Fact]
    public async Task What_another_application_ends_and_deletes_is_told()
    {
        var signedIn = await server.SignInAsync("web", "bob", "openid offline_access api");
        await using (var plain = await PlainApplication.OnAsync(server))
        {
            string subject = server.AccountOf("bob").ToString();
            (await plain.Authorizations.TryRevokeAsync(await plain.Authorizations.FindBySubjectAsync(subject).SingleAsync())).Should().BeTrue();
            await plain.Clients.DeleteAsync((await plain.Clients.FindByClientIdAsync("worker"))!);
        }
        (await server.AllAsync()).Select(e => (e.TypeOf(), e.Subject())).Should().Equal(
            ("session-revoked", Jwt.Claims(signedIn["access_token"]!).Text("sid")), ("client-disabled", "worker"));
    }

    [Fact]
    public async Task The_metadata_says_where_it_is()
    {
        var metadata = (await server.SendAsync(new(HttpMethod.Get, "/.well-known/oauth-authorization-server"))).Json;
        metadata.Text("revocation_events_endpoint").Should().Be(server.Address + "/connect/events");
        metadata.Text("revocation_events_stream_endpoint").Should().Be(server.Address + "/connect/events/stream");
        metadata.Texts("revocation_events_supported").Should().HaveCount(4);
    }
}
