using System.Text.Json;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Storage;

/// <summary>The data directory of the first release (Fixtures) opens in this version, and nobody notices.</summary>
public sealed class FirstReleaseTests : IAsyncLifetime, IDisposable
{
    private static readonly string Fixture = Path.Combine(AppContext.BaseDirectory, "Storage", "Fixtures", "FirstRelease");
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, string> tokens = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Path.Combine(Fixture, "tokens.json")))!;
    private TestServer server = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "keys"));
        foreach (string file in Directory.GetFiles(Fixture, "*", SearchOption.AllDirectories)) File.Copy(file, Path.Combine(folder.Path, Path.GetRelativePath(Fixture, file)));
        // The tokens of the fixture are as young as they were then, whatever day it is.
        var clock = new ManualClock();
        clock.Advance(DateTimeOffset.Parse(tokens["time"]) + TimeSpan.FromMinutes(5) - clock.GetUtcNow());
        server = await TestServer.StartAsync(["--TokenServer:Issuer=https://tokens.example"], folder: folder.Path, clock: clock);
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    public void Dispose() => folder.Dispose();

    [SqliteFact("the first release had nothing else")]
    public async Task Users_sign_in_with_the_passwords_they_had()
    {
        (await server.SignInAsync(user: "bob")).Status.Should().Be(200);
        (await server.SignInAsync(user: "jane@example.com", scope: "openid admin")).Status.Should().Be(200);
        (await server.SignInAsync(user: "carol"))["error"].Should().Be("invalid_grant", "she was disabled");
    }

    [SqliteFact("the first release had nothing else")]
    public async Task Names_from_before_they_were_searched_are_folded_with_their_migration_and_not_at_every_start()
    {
        var database = server.Get<Database>();
        var names = Names();
        names.Should().NotBeEmpty().And.OnlyContain(n => n.Folded == NamePart.Fold(n.Name));
        await database.WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "NormalizedName"=NULL"""));
        using (new Database(server.Get<TokenServer.Storage.Providers.DatabaseProvider>(), [], server.Get<TokenServer.Telemetry.Instruments>()))
            Names().Should().BeEmpty("no start goes through all accounts");

        List<(string Name, string Folded)> Names() => database.Read(s => s.All(
            """SELECT "Name", "NormalizedName" FROM "AspNetUsers" WHERE "Name" IS NOT NULL AND "NormalizedName" IS NOT NULL""", r => (r.GetString(0), r.GetString(1))));
    }

    [SqliteFact("the first release had nothing else")]
    public async Task A_second_factor_is_asked_for_and_opens()
    {
        var due = await server.SignInAsync(user: "john");
        due["error"].Should().Be("mfa_required");
        (await server.SecondFactorAsync(due["temp_token"]!, server.TotpCode())).Status.Should().Be(200);
        server.AuthenticatorsOf("john").Should().ContainSingle().Which.Name.Should().Be("Authenticator app");
    }

    [SqliteTheory("the first release had nothing else")]
    [InlineData("refresh_token")]
    [InlineData("two_factor_refresh_token")]
    public async Task A_refresh_token_goes_on(string token)
    {
        var refreshed = await server.RefreshAsync(tokens[token]);
        refreshed.Status.Should().Be(200, refreshed.Body);
        (await server.IsActiveAsync(refreshed["access_token"]!)).Should().BeTrue();
    }

    [SqliteFact("the first release had nothing else")]
    public async Task A_refresh_token_that_was_used_then_is_reuse_now()
    {
        (await server.RefreshAsync(tokens["used_refresh_token"]))["error"].Should().Be("invalid_grant");
        (await server.RefreshAsync(tokens["refresh_token"]))["error"].Should().Be("invalid_grant", "the reuse has ended the session");
    }

    [SqliteTheory("the first release had nothing else")]
    [InlineData("access_token")]
    [InlineData("worker_access_token")]
    [InlineData("opaque_access_token")]
    public async Task A_token_that_was_good_is_good(string token) => (await server.IsActiveAsync(tokens[token])).Should().BeTrue();

    [SqliteTheory("the first release had nothing else")]
    [InlineData("revoked_access_token")]
    [InlineData("ended_access_token")]
    public async Task A_token_that_was_revoked_stays_so(string token) => (await server.IsActiveAsync(tokens[token])).Should().BeFalse();

    [SqliteFact("the first release had nothing else")]
    public async Task An_ended_session_stays_ended() => (await server.RefreshAsync(tokens["ended_refresh_token"]))["error"].Should().Be("invalid_grant");

    [SqliteFact("the first release had nothing else")]
    public async Task Userinfo_answers_a_token_of_then() => (await server.UserInfoAsync(tokens["access_token"]))["sub"].Should().Be("1");

    [SqliteFact("the first release had nothing else")]
    public async Task Clients_authenticate_with_the_secrets_they_had()
    {
        (await server.TokenAsync("worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
        (await server.SignInAsync("other"))["error"].Should().Be("invalid_client", "it was revoked");
    }

    [SqliteFact("the first release had nothing else")]
    public void No_client_of_then_goes_on_without_asking_people() =>
        server.Get<ClientRegistry>().Registered.Select(c => c.ConsentType).Should().NotBeEmpty().And.OnlyContain(type => type == "explicit");

    [SqliteFact("the first release had nothing else")]
    public async Task The_audit_chain_begins_and_what_was_before_is_still_told()
    {
        await server.SignInAsync(user: "bob");
        var verdict = server.Get<AuditVerification>().Verify();
        verdict.Problem.Should().BeNull();
        verdict.Unchained.Should().Be(8);
        verdict.Entries.Should().BePositive();
        server.AuditedEvents().Should().StartWith(["import.applied", "key.rotated", "key.rotated", "account.added", "session.revoked", "sign_in.failed", "client.revoked", "account.disabled"]);
        (await server.Get<AuditKeeping>().SealAsync()).Should().BeTrue();
    }

    [SqliteFact("the first release had nothing else")]
    public void Its_schema_is_that_of_a_new_database()
    {
        using var fresh = new TestDatabase();
        var expected = Objects(fresh.Database);
        Objects(server.Get<Database>()).Where(o => expected.Any(e => e.Table == o.Table)).Should().BeEquivalentTo(expected);
    }

    private static List<(string Table, string Name)> Objects(Database database) =>
        database.Read(s => s.All("SELECT tbl_name, type || ' ' || name FROM sqlite_master WHERE name<>'sqlite_sequence'", r => (r.GetString(0), r.GetString(1))));
}
