using System.Text;
using TokenServer.Import;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Import;

/// <summary>An import brings all to what the file says, or nothing (contract section 7).</summary>
public sealed class ImporterTests
{
    private const string OneClient = """{ "clients": [{ "client_id": "worker", "client_secret": "another secret", "grant_types": ["client_credentials"], "scope": "api files" }] }""",
        OneUser = """{ "users": [{ "username": "bob", "email": "bob@example.com", "password": "another password" }] }""";

    [Fact]
    public async Task The_same_file_again_changes_no_row()
    {
        await using var server = await TestServer.StartAsync();
        string before = Dump(server);
        await ImportAsync(server, TestImport.Json);
        Dump(server).Should().Be(before);
    }

    [Fact]
    public async Task Where_the_last_user_cannot_be_taken_nothing_is()
    {
        await using var server = await TestServer.StartAsync();
        string before = Dump(server);
        const string Json = """
            {
              "clients": [{ "client_id": "new", "client_secret": "x" }, { "client_id": "worker", "client_secret": "another secret" }], "scopes": [{ "name": "new" }],
              "users": [{ "username": "bob", "email": "bob@example.com", "password": "another one" }, { "username": "new", "email": "JANE@example.com", "password": "one of mine" }]
            }
            """;
        await server.Awaiting(s => ImportAsync(s, Json)).Should().ThrowAsync<ImportException>().WithMessage("users[1]: email*");
        Dump(server).Should().Be(before);
        (await server.TokenAsync("worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
        (await server.SignInAsync(user: "bob")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_changed_client_secret_counts_at_once_and_the_old_one_does_not()
    {
        await using var server = await TestServer.StartAsync();
        (await server.TokenAsync("worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
        await ImportAsync(server, OneClient);
        (await server.TokenAsync("worker", ("grant_type", "client_credentials")))["error"].Should().Be("invalid_client");
        (await server.TokenAsync(null, ("grant_type", "client_credentials"), ("client_id", "worker"), ("client_secret", "another secret"))).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_changed_password_counts_at_once_and_ends_the_sessions()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.SignInAsync(user: "bob");
        await ImportAsync(server, OneUser);
        (await server.SignInAsync(user: "bob"))["error"].Should().Be("invalid_grant");
        (await server.SignInAsync(user: "bob", password: "another password")).Status.Should().Be(200);
        (await server.IsActiveAsync(session["access_token"]!)).Should().BeFalse();
        (await server.RefreshAsync(session["refresh_token"]!))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task The_same_password_again_ends_no_session()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.SignInAsync(user: "bob");
        await ImportAsync(server, TestImport.Json);
        (await server.IsActiveAsync(session["access_token"]!)).Should().BeTrue();
        (await server.RefreshAsync(session["refresh_token"]!)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_client_without_a_secret_is_public()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.TokenAsync(null, ("grant_type", "password"), ("client_id", "mobile"), ("username", "bob"), ("password", TestImport.Password));
        answer.Status.Should().Be(200);
        (await server.TokenAsync("mobile", ("grant_type", "password"), ("username", "bob"), ("password", TestImport.Password)))["error"].Should().Be("invalid_client");
    }

    [Fact]
    public async Task What_a_client_may_do_is_what_the_file_says_from_then_on()
    {
        await using var server = await TestServer.StartAsync();
        await ImportAsync(server, $$"""{ "clients": [{ "client_id": "worker", "client_secret": "{{TestImport.Secret}}", "grant_types": ["client_credentials"], "scope": "files", "access_token_lifetime": 60 }] }""");
        var answer = await server.TokenAsync("worker", ("grant_type", "client_credentials"));
        (answer["scope"], answer["expires_in"]).Should().Be(("files", "60"));
        (await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("scope", "api")))["error"].Should().Be("invalid_scope");
    }

    [Fact]
    public async Task Whom_the_file_does_not_name_stays_as_it_is()
    {
        await using var server = await TestServer.StartAsync();
        await ImportAsync(server, OneUser);
        (await server.SignInAsync(user: "jane")).Status.Should().Be(200);
        (await server.TokenAsync("worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
    }

    [Fact]
    public async Task An_import_leaves_a_revoked_client_revoked_and_a_disabled_user_disabled()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<TokenServer.Clients.ClientRegistry>().RevokeAsync("worker", "test");
        var accounts = server.Get<TokenServer.Accounts.UserAccounts>();
        await accounts.DisableAsync(accounts.FindByLogin("bob")!, "test");
        await ImportAsync(server, TestImport.Json);
        (await server.TokenAsync("worker", ("grant_type", "client_credentials")))["error"].Should().Be("invalid_client");
        (await server.SignInAsync(user: "bob"))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task An_import_is_in_the_audit_trail_without_any_secret()
    {
        await using var server = await TestServer.StartAsync();
        var entries = server.Get<Database>().Read(s => s.All("""SELECT "Actor", "Detail" FROM "Audit" WHERE "Event"='import.applied'""", r => $"{r.GetString(0)}: {r.GetString(1)}"));
        entries.Should().Equal("test: 7 clients, 2 scopes, 3 users");
    }

    private static Task ImportAsync(TestServer server, string json) => server.Get<Importer>().ApplyAsync(ImportDocument.Parse(Encoding.UTF8.GetBytes(json)), "test");

    // Every row of every table but those that tell of the import itself.
    private static string Dump(TestServer server) => server.Get<Database>().Read(s =>
    {
        var tables = s.All(Catalogue.Tables, r => r.GetString(0)).Except(["Audit", "AuditHeads", "Imports"]);
        return string.Join('\n', tables.SelectMany(t => s.All($"""SELECT * FROM "{t}" ORDER BY 1""", r => t + " " + string.Join('|', Enumerable.Range(0, r.FieldCount).Select(r.GetValue)))));
    });
}
