using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>Whatever was issued can be shown, read, and revoked: a token that would be too long is not issued (contract section 1, <c>invalid_scope</c>).</summary>
public sealed class TokenLengthTests
{
    private const int Longest = 7 * 1024;

    [Theory]
    [InlineData(10, 20)]
    [InlineData(29, 100)]
    [InlineData(100, 15)]
    [InlineData(1, 100)]
    public async Task A_token_of_as_many_scopes_as_can_be_registered_is_read_by_everybody_and_revoked(int count, int length)
    {
        await using var server = await StartAsync(count, length, resources: 1);
        var signedIn = await server.SignInAsync("wide", scope: "");
        signedIn.Status.Should().Be(200, signedIn.Body);
        string token = signedIn["access_token"]!, own = await server.WorkerTokenAsync("wide");
        token.Length.Should().BeLessThanOrEqualTo(Longest);
        foreach (string issued in new[] { token, own })
        {
            (await server.IsActiveAsync(issued, "wide")).Should().BeTrue();
            (await server.PostAsync("/connect/revoke", "wide", ("token", issued))).Status.Should().Be(200);
            (await server.IsActiveAsync(issued, "wide")).Should().BeFalse();
        }
        string shown = (await server.SignInAsync("wide", scope: "openid " + server.Get<ClientRegistry>().Find("wide")!.DefaultScopes))["access_token"]!;
        (await server.UserInfoAsync(shown)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(31, 100, 0)]
    [InlineData(3001, 1, 0)]
    [InlineData(25, 50, 10)]
    public async Task More_scopes_and_resources_than_a_token_can_hold_cannot_be_registered(int count, int length, int resources) =>
        (await FluentActions.Awaiting(() => StartAsync(count, length, resources)).Should().ThrowAsync<InvalidOperationException>()).WithMessage("scope*");

    [Fact]
    public async Task Where_the_resources_have_grown_since_asking_is_an_invalid_scope_and_leaves_no_session()
    {
        await using var server = await StartAsync(20, 20, resources: 1);
        string refresh = (await server.SignInAsync("wide", scope: "offline_access " + server.Get<ClientRegistry>().Find("wide")!.DefaultScopes))["refresh_token"]!;
        await GrowAsync(server);
        string sessions = Sessions(server);
        foreach (var answer in new[]
        {
            await server.TokenAsync("wide", ("grant_type", "client_credentials")), await server.TokenAsync("wide", ("grant_type", "client_credentials")),
            await server.SignInAsync("wide", scope: ""), await server.SignInAsync("wide", user: "john", scope: ""), await server.RefreshAsync(refresh, "wide"),
        })
            (answer.Status, answer["error"]).Should().Be((400, "invalid_scope"), answer.Body);
        Sessions(server).Should().Be(sessions);
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await server.TokenAsync("wide", ("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", "offline_access"))).Status.Should().Be(200, "it was not used up, and less is possible");
    }

    [Fact]
    public async Task A_scope_that_is_gone_is_given_by_no_grant()
    {
        await using var server = await TestServer.StartAsync();
        string refresh = (await server.SignInAsync("web"))["refresh_token"]!;
        // As another application on the same database deletes it: without asking who names it.
        await server.Get<Database>().WriteAsync(s => s.Execute("""DELETE FROM "OpenIddictScopes" WHERE "Name"='api'"""));
        server.Get<ScopeRegistry>().Reload();
        var worker = await server.TokenAsync("worker", ("grant_type", "client_credentials"));
        (worker["scope"], Jwt.Claims(worker["access_token"]!).GetProperty("scope").GetString()).Should().Be(("files", "files"));
        (await server.TokenAsync("web", ("grant_type", "password"), ("username", "jane"), ("password", TestImport.Password)))["scope"].Should().Be("profile email");
        (await server.RefreshAsync(refresh))["scope"].Should().Be("openid offline_access");
        (await server.TokenAsync("opaque", ("grant_type", "client_credentials")))["scope"].Should().BeEmpty();
        foreach (string client in new[] { "worker", "web" })
            (await server.TokenAsync(client, ("grant_type", client == "worker" ? "client_credentials" : "password"), ("scope", "api"), ("username", "jane"), ("password", TestImport.Password)))["error"].Should().Be("invalid_scope");
    }

    // A client "wide" with so many scopes of so many characters, each with so many resources of 20 characters.
    private static async Task<TestServer> StartAsync(int count, int length, int resources)
    {
        var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        string[] names = [.. Enumerable.Range(0, count).Select(i => length == 1 ? "api" : $"s{i:D4}".PadRight(length, 'x'))];
        if (length > 1)
            foreach (string name in names)
                (await server.Get<RegisteredScopes>().AddAsync(new() { Name = name, Resources = [.. Enumerable.Range(0, resources).Select(r => $"{name[..Math.Min(5, length)]}-{r}".PadRight(20, 'r'))] }, "test")).Should().BeNull();
        string? problem = await server.Get<ClientRegistry>().AddAsync(new()
        {
            ClientId = "wide", ClientSecret = TestImport.Secret, GrantTypes = [.. KnownGrants.All.Where(g => g != KnownGrants.AuthorizationCode)], Scope = "openid offline_access " + string.Join(' ', names), Introspection = true,
        }, "test");
        if (problem is null) return server;
        await server.DisposeAsync();
        throw new InvalidOperationException(problem);
    }

    private static async Task GrowAsync(TestServer server)
    {
        foreach (string name in server.Get<ClientRegistry>().Find("wide")!.DefaultScopes)
            (await server.Get<RegisteredScopes>().UpdateAsync(name, _ => true, scope =>
            {
                scope.Resources = [.. Enumerable.Range(0, 3).Select(r => $"{name}-{r}".PadRight(150, 'r'))];
                return scope;
            }, "test")).Refused.Should().BeNull();
    }

    private static string Sessions(TestServer server) =>
        string.Join(' ', server.Get<Database>().Read(s => s.All("""SELECT "Id" FROM "OpenIddictAuthorizations" ORDER BY "Id" """, r => r.GetInt64(0))));
}
