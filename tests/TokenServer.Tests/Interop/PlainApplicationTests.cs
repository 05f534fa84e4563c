using OpenIddict.Abstractions;
using TokenServer.Import;
using TokenServer.Tests.Support;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Tests.Interop;

/// <summary>
/// An application with OpenIddict's own stores reads our database, and what it ends or changes there this server honours within a
/// second.
/// </summary>
public sealed class PlainApplicationTests : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private TestServer server = null!;
    private PlainApplication plain = null!;

    public async Task InitializeAsync()
    {
        server = await TestServer.StartAsync();
        plain = await PlainApplication.OnAsync(server);
    }

    public async Task DisposeAsync()
    {
        await plain.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task It_lists_what_is_there_and_finds_a_client()
    {
        await server.SignInAsync();
        var clients = new List<string?>();
        await foreach (object client in plain.Clients.ListAsync()) clients.Add(await plain.Clients.GetClientIdAsync(client));
        clients.Should().Contain(["web", "worker", "first-party"]);
        object session = await plain.Authorizations.FindBySubjectAsync("1").SingleAsync(),
            token = await plain.Tokens.FindBySubjectAsync("1").SingleAsync();
        (await plain.Authorizations.GetScopesAsync(session)).Should().Equal("openid", "offline_access", "api");
        (await plain.Tokens.GetAuthorizationIdAsync(token)).Should().Be(await plain.Authorizations.GetIdAsync(session));
        object web = (await plain.Clients.FindByClientIdAsync("web"))!;
        (await plain.Clients.HasPermissionAsync(web, Permissions.GrantTypes.Password)).Should().BeTrue();
        (await plain.Authorizations.GetApplicationIdAsync(session)).Should().Be(await plain.Clients.GetIdAsync(web));
    }

    [Fact]
    public async Task An_authorization_that_it_revokes_ends_the_session()
    {
        var tokens = await server.SignInAsync();
        (await server.IsActiveAsync(tokens["access_token"]!)).Should().BeTrue();
        (await plain.Authorizations.TryRevokeAsync(await plain.Authorizations.FindBySubjectAsync("1").SingleAsync())).Should().BeTrue();
        await HonouredAsync(async () => !await server.IsActiveAsync(tokens["access_token"]!));
        (await server.RefreshAsync(tokens["refresh_token"]!))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task All_authorizations_that_it_revokes_at_once_end_the_sessions()
    {
        string[] tokens = [(await server.SignInAsync())["access_token"]!, (await server.SignInAsync())["access_token"]!];
        (await plain.Authorizations.RevokeBySubjectAsync("1")).Should().Be(2);
        foreach (string token in tokens) await HonouredAsync(async () => !await server.IsActiveAsync(token));
    }

    [Fact]
    public async Task A_refresh_token_that_it_revokes_is_refused()
    {
        var tokens = await server.SignInAsync();
        (await plain.Tokens.TryRevokeAsync(await plain.Tokens.FindBySubjectAsync("1").SingleAsync())).Should().BeTrue();
        (await server.RefreshAsync(tokens["refresh_token"]!))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task An_opaque_access_token_that_it_revokes_is_dead()
    {
        string token = await server.WorkerTokenAsync("opaque");
        (await server.IsActiveAsync(token)).Should().BeTrue();
        (await plain.Tokens.TryRevokeAsync(await plain.Tokens.FindBySubjectAsync("opaque").SingleAsync())).Should().BeTrue();
        await HonouredAsync(async () => !await server.IsActiveAsync(token));
    }

    [Fact]
    public async Task A_client_that_it_deletes_is_refused_with_all_its_tokens()
    {
        string token = await server.WorkerTokenAsync();
        await plain.Clients.DeleteAsync((await plain.Clients.FindByClientIdAsync("worker"))!);
        await HonouredAsync(async () => !await server.IsActiveAsync(token));
        (await server.TokenAsync("worker", ("grant_type", "client_credentials")))["error"].Should().Be("invalid_client");
    }

    [Fact]
    public async Task A_client_that_it_changes_may_do_what_it_may_now()
    {
        object client = (await plain.Clients.FindByClientIdAsync("worker"))!;
        var descriptor = new OpenIddictApplicationDescriptor();
        await plain.Clients.PopulateAsync(descriptor, client);
        descriptor.Permissions.Remove(Permissions.GrantTypes.ClientCredentials);
        await plain.Clients.UpdateAsync(client, descriptor);
        await HonouredAsync(async () => (await server.TokenAsync("worker", ("grant_type", "client_credentials"))).Status == 400);
    }

    [Fact]
    public async Task A_scope_that_it_changes_has_its_new_resources()
    {
        object scope = (await plain.Scopes.FindByNameAsync("api"))!;
        var descriptor = new OpenIddictScopeDescriptor();
        await plain.Scopes.PopulateAsync(descriptor, scope);
        descriptor.Resources.Clear();
        descriptor.Resources.Add("elsewhere");
        await plain.Scopes.UpdateAsync(scope, descriptor);
        await HonouredAsync(() => Task.FromResult(server.Get<TokenServer.Clients.ScopeRegistry>().FindRow("api")!.ListResources()
            .Contains("elsewhere")));
    }

    [Fact]
    public async Task The_clients_of_its_own_database_are_taken_over_with_their_secrets()
    {
        using var folder = new TemporaryFolder();
        string connection = $"Data Source={Path.Combine(folder.Path, "plain.db")};Pooling=False";
        await using (var own = await PlainApplication.CreateAsync(connection))
        {
            await own.Scopes.CreateAsync(new OpenIddictScopeDescriptor { Name = "photos", Resources = { "photos" } });
            await own.Clients.CreateAsync(new OpenIddictApplicationDescriptor
            {
                ClientId = "theirs", ClientSecret = TestImport.Secret, ApplicationType = ApplicationTypes.Web,
                Permissions = { Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials,
                Permissions.Prefixes.Scope + "photos" },
            });
        }
        var import = server.Get<OpenIddictImport>();
        (await import.ApplyAsync(connection, "test")).Should().Be((1, 1));
        string token = await server.WorkerTokenAsync("theirs");
        Jwt.Claims(token).GetProperty("aud").ToString().Should().Be("photos");
        (await server.Get<TokenServer.Clients.ClientRegistry>().RotateSecretAsync("theirs", "test")).Should()
            .NotBeNull("it is a client as any other");
        await import.Awaiting(i => i.ApplyAsync(connection, "test")).Should().ThrowAsync<ImportException>()
            .WithMessage("client theirs*taken*");
    }

    [Fact]
    public async Task What_a_client_taken_over_names_and_this_server_has_not_stays_in_the_row_and_is_never_given()
    {
        using var folder = new TemporaryFolder();
        string connection = $"Data Source={Path.Combine(folder.Path, "plain.db")};Pooling=False";
        await using (var own = await PlainApplication.CreateAsync(connection))
        {
            await own.Clients.CreateAsync(new OpenIddictApplicationDescriptor
            {
                ClientId = "portal", ClientSecret = TestImport.Secret, ApplicationType = ApplicationTypes.Web,
                Permissions = { Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials, Permissions.GrantTypes.Implicit,
                    Permissions.Scopes.Roles, Permissions.Prefixes.Scope + "api" },
            });
        }
        (await server.Get<OpenIddictImport>().ApplyAsync(connection, "test")).Should().Be((1, 0));
        var answer = await server.TokenAsync("portal", ("grant_type", "client_credentials"));
        (answer.Status, answer["scope"]).Should().Be((200, "api"));
        (await server.TokenAsync("portal", ("grant_type", "client_credentials"), ("scope", "roles")))["error"].Should().Be("invalid_scope");
        (await server.TokenAsync("portal", ("grant_type", "implicit")))["error"].Should().Be("unsupported_grant_type");
        server.Get<TokenServer.Clients.ClientRegistry>().Find("portal")!.GrantTypes.Should().Contain("implicit");
    }

    private static async Task HonouredAsync(
        Func<Task<bool>> condition) => (await Eventually.TrueAsync(condition, Second)).Should().BeTrue();
}
