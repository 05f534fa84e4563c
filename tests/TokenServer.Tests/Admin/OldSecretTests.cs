using System.Globalization;
using TokenServer.Clients;
using TokenServer.Import;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>A client's old secret, which a rotation may keep until a moment (docs/decisions/0042).</summary>
public sealed class OldSecretTests : IAsyncLifetime
{
    private AdminServer admin = null!;

    public async Task InitializeAsync() => admin = await AdminServer.StartAsync();

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Fact]
    public async Task Both_secrets_are_taken_until_the_moment_and_then_the_new_one_only()
    {
        var answer = await RotateAsync(600);
        string secret = answer["client_secret"]!, end = Timestamp(600);
        answer["old_secret_ends_at"].Should().Be(end);
        (await admin.DoAsync("GET /clients/worker"))["old_secret_ends_at"].Should().Be(end);
        (await admin.LastEntryAsync("client.secret_rotated")).Text("detail").Should().Be($"old_secret_until: {end}");
        // Twice each: the second answer is one that is remembered.
        for (int i = 0; i < 2; i++)
        {
            await ShouldTakeAsync(TestImport.Secret, true);
            await ShouldTakeAsync(secret, true);
            await ShouldTakeAsync("no secret of anybody", false);
        }
        admin.Server.Clock.Advance(TimeSpan.FromSeconds(599));
        await ShouldTakeAsync(TestImport.Secret, true);
        admin.Server.Clock.Advance(TimeSpan.FromSeconds(1));
        await ShouldTakeAsync(TestImport.Secret, false);
        await ShouldTakeAsync(secret, true);
        (await admin.DoAsync("GET /clients/worker")).Json.GetProperty("old_secret_ends_at").ValueKind.Should().Be(System.Text.Json.JsonValueKind.Null);
        (await admin.CallAsync("DELETE /clients/worker/secret/old")).ShouldBeProblem(404, because: "it has ended by itself");
    }

    [Fact]
    public async Task What_introspection_remembers_ends_with_the_secret()
    {
        string token = await admin.Server.WorkerTokenAsync();
        await admin.DoAsync("POST /clients/api/secret", new { keep_old_for = 60 });
        for (int i = 0; i < 2; i++) (await admin.Server.IsActiveAsync(token)).Should().BeTrue();
        admin.Server.Clock.Advance(TimeSpan.FromSeconds(60));
        (await admin.Server.IntrospectAsync(token)).Status.Should().Be(401);
    }

    [Fact]
    public async Task An_old_secret_is_ended_before_its_time()
    {
        string secret = (await RotateAsync(600))["client_secret"]!;
        for (int i = 0; i < 2; i++) await ShouldTakeAsync(TestImport.Secret, true);
        (await admin.CallAsync("DELETE /clients/worker/secret/old")).Status.Should().Be(204);
        await ShouldTakeAsync(TestImport.Secret, false);
        await ShouldTakeAsync(secret, true);
        (await admin.LastEntryAsync("client.old_secret_ended")).Text("target").Should().Be("worker");
        (await admin.CallAsync("DELETE /clients/worker/secret/old")).ShouldBeProblem(404);
        (await admin.CallAsync("DELETE /clients/mobile/secret/old")).ShouldBeProblem(404);
        (await admin.CallAsync("DELETE /clients/first-party/secret/old")).ShouldBeProblem(404);
    }

    [Fact]
    public async Task There_are_two_at_most_and_a_rotation_that_keeps_nothing_leaves_one()
    {
        string second = (await RotateAsync(600))["client_secret"]!, third = (await RotateAsync(600))["client_secret"]!;
        await ShouldTakeAsync(TestImport.Secret, false);
        await ShouldTakeAsync(second, true);
        await ShouldTakeAsync(third, true);
        var last = await admin.DoAsync("POST /clients/worker/secret");
        foreach (string dead in (string[])[TestImport.Secret, second, third]) await ShouldTakeAsync(dead, false);
        await ShouldTakeAsync(last["client_secret"]!, true);
        last.Json.GetProperty("old_secret_ends_at").ValueKind.Should().Be(System.Text.Json.JsonValueKind.Null);
    }

    [Fact]
    public async Task Whoever_else_sets_a_secret_ends_the_old_one()
    {
        await RotateAsync(600);
        await ShouldTakeAsync(TestImport.Secret, true);
        await admin.Server.Get<Importer>().ApplyAsync(new ImportDocument
            { Clients = [new ClientRegistration { ClientId = "worker", ClientSecret = "a secret of an import", GrantTypes = ["client_credentials"], Scope = "api" }] }, "test");
        await ShouldTakeAsync(TestImport.Secret, false);
        await ShouldTakeAsync("a secret of an import", true);
    }

    [Fact]
    public async Task A_change_of_the_registration_a_revocation_and_a_restoration_leave_it()
    {
        await RotateAsync(600);
        await admin.DoAsync("PATCH /clients/worker", new { client_name = "Worker" });
        await ShouldTakeAsync(TestImport.Secret, true);
        await admin.DoAsync("POST /clients/worker/revoke");
        await ShouldTakeAsync(TestImport.Secret, false);
        await admin.DoAsync("POST /clients/worker/restore");
        await ShouldTakeAsync(TestImport.Secret, true);
        (await admin.DoAsync("GET /clients/worker"))["client_name"].Should().Be("Worker");
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("2592001")]
    [InlineData("9223372036854775807")]
    [InlineData("1.5")]
    [InlineData("\"60\"")]
    [InlineData("null")]
    public async Task A_time_that_makes_no_sense_is_refused_and_nothing_changes(string seconds)
    {
        (await admin.CallAsync("POST /clients/worker/secret", $$"""{"keep_old_for":{{seconds}}}""")).ShouldBeProblem(400);
        await ShouldTakeAsync(TestImport.Secret, true);
        (await RotateAsync(2592000))["old_secret_ends_at"].Should().Be(Timestamp(2592000), "the longest is taken");
    }

    [Fact]
    public async Task At_rest_an_old_secret_is_a_hash()
    {
        string secret = (await RotateAsync(600))["client_secret"]!;
        await RotateAsync(600);
        string row = admin.Server.Get<Database>().Read(s => s.First("""SELECT "Properties" || "ClientSecret" FROM "OpenIddictApplications" WHERE "ClientId"=@p0""", r => r.GetString(0), "worker"))!;
        row.Should().Contain("old_secret").And.NotContain(secret);
        (await admin.DoAsync("GET /clients/worker")).Body.Should().NotContain("hash");
    }

    private string Timestamp(int seconds) => admin.Server.Clock.GetUtcNow().AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private Task<Answer> RotateAsync(int keepOldFor) => admin.DoAsync("POST /clients/worker/secret", new { keep_old_for = keepOldFor });

    private async Task ShouldTakeAsync(string secret, bool expected) =>
        ((await admin.Server.TokenAsync(null, ("client_id", "worker"), ("client_secret", secret), ("grant_type", "client_credentials"))).Status == 200).Should().Be(expected);
}
