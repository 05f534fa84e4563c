using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>/admin/api/scopes: register, read, change, delete (contract section 6).</summary>
public sealed class ScopeTests : IAsyncLifetime
{
    private AdminServer admin = null!;

    public async Task InitializeAsync() => admin = await AdminServer.StartAsync();

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Fact]
    public async Task A_new_scope_is_answered_whole_and_a_client_gets_tokens_for_it()
    {
        var answer = await admin.DoAsync("POST /scopes", """{"name":"https://api.example.com/read","description":"Read it all","resources":["reports","ledger"]}""", 201);
        answer.ShouldBe(201, """{"name":"https://api.example.com/read","display_name":null,"description":"Read it all","resources":["reports","ledger"]}""");
        answer.Headers.Location!.ToString().Should().Be("/admin/api/scopes/https%3A%2F%2Fapi.example.com%2Fread");
        (await admin.LastEntryAsync()).Text("event").Should().Be("scope.added");
        (await admin.DoAsync("GET /scopes/https%3A%2F%2Fapi.example.com%2Fread")).Headers.ETag.Should().Be(answer.Headers.ETag);
        (await admin.ListAsync("/scopes", "name")).Should().Equal("https://api.example.com/read", "files", "api");
        (await admin.ListAsync("/scopes?limit=1")).Should().ContainSingle();
        await admin.DoAsync("PATCH /clients/worker", """{"scope":"https://api.example.com/read"}""");
        Jwt.Claims(await admin.Server.WorkerTokenAsync()).GetProperty("aud").ToString().Should().Be("""["reports","ledger"]""");
    }

    [Theory]
    [InlineData("""{}""", 400, "name")]
    [InlineData("""{"name":"a b"}""", 400, "name")]
    [InlineData("""{"name":".."}""", 400, "name")]
    [InlineData("""{"name":"a%2fb"}""", 400, "name")]
    [InlineData("""{"name":"api"}""", 409, "name")]
    [InlineData("""{"name":"x","resources":[""]}""", 400, "resources")]
    [InlineData("""{"name":"x","resources":"api"}""", 400, "resources")]
    [InlineData("""{"name":"x","resources":["a\tb"]}""", 400, "resources")]
    [InlineData("""{"name":"x","description":"a\nb"}""", 400, "description")]
    [InlineData("""{"name":"x","resource":["api"]}""", 400, "resources")]
    [InlineData("""{"name":"x","resources":["a\u202eb"]}""", 400, "resources")]
    [InlineData("""{"name":"x","display_name":"a\u202eb"}""", 400, "display_name")]
    [InlineData("""{"name":"x","description":"\u200b"}""", 400, "description")]
    [InlineData("""{"name":"openid","resources":["elsewhere"]}""", 400, "resources")]
    [InlineData("""{"name":"offline_access","resources":["elsewhere"]}""", 400, "resources")]
    [InlineData("""{"name":"email","resources":["elsewhere"]}""", 400, "resources")]
    public async Task A_scope_that_cannot_be_is_refused_by_the_name_of_its_field(string body, int status, string field)
    {
        var answer = await admin.CallAsync("POST /scopes", body);
        answer.ShouldBeProblem(status);
        answer["detail"].Should().Contain(field);
        (await admin.ListAsync("/scopes")).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_a_stale_one_nothing()
    {
        string seen = (await admin.DoAsync("GET /scopes/files")).Headers.ETag!.ToString();
        (await admin.CallAsync("PATCH /scopes/files", """{"resources":["elsewhere"]}""", ("If-Match", seen))).ShouldBe(200, """{"name":"files","display_name":null,"description":null,"resources":["elsewhere"]}""");
        (await admin.CallAsync("PATCH /scopes/files", """{"resources":[]}""", ("If-Match", seen))).ShouldBeProblem(412);
        (await admin.CallAsync("PATCH /scopes/files", """{"resources":[]}""", ("If-Match", "W/" + seen)))["detail"].Should().Contain("W/");
        (await admin.CallAsync("PATCH /scopes/files", """{"name":"other"}""")).ShouldBeProblem(400);
        (await admin.CallAsync("PATCH /scopes/nothing", """{"resources":[]}""")).ShouldBeProblem(404);
        (await admin.DoAsync("PATCH /scopes/api", """{"display_name":null}""")).ShouldBe(200, """{"name":"api","display_name":null,"description":null,"resources":["api"]}""");
        (await admin.LastEntryAsync()).Text("detail").Should().Be("display_name");
    }

    [Fact]
    public async Task A_scope_that_a_client_names_is_kept_and_one_that_none_names_is_deleted()
    {
        var refused = await admin.CallAsync("DELETE /scopes/files");
        refused.ShouldBeProblem(409);
        refused["detail"].Should().Contain("worker");
        await admin.DoAsync("PATCH /clients/worker", """{"scope":"api"}""");
        await admin.DoAsync("DELETE /scopes/files", status: 204);
        (await admin.LastEntryAsync()).Text("event").Should().Be("scope.deleted");
        (await admin.CallAsync("DELETE /scopes/files")).ShouldBeProblem(404);
        (await admin.CallAsync("GET /scopes/openid")).ShouldBeProblem(404, because: "it is built in, and not registered");
        (await admin.CallAsync("PATCH /clients/worker", """{"scope":"files"}""")).ShouldBeProblem(400);
        admin.Server.Get<ScopeRegistry>().Exists("files").Should().BeFalse();
    }

    [Theory]
    [InlineData("POST /clients", """{"client_id":"fresh","grant_types":["client_credentials"],"scope":"api files"}""")]
    [InlineData("PATCH /clients/api", """{"scope":"files"}""")]
    public async Task A_scope_that_another_process_has_just_deleted_is_registered_for_no_client(string call, string body)
    {
        await admin.Server.Get<Database>().WriteAsync(s => s.Execute("""DELETE FROM "OpenIddictScopes" WHERE "Name"='files'"""));
        var answer = await admin.CallAsync(call, body);
        answer.ShouldBeProblem(400);
        answer["detail"].Should().Contain("files");
    }
}
