using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Servers;

/// <summary>POST /revoke: a server itself, an administrator any (contract section 5, "Main stack").</summary>
public sealed class RevocationTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Unknown = "srv_0000000000000000", Dead = "401 server_revoked";
    private readonly TestHost host = shared.Host;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_revokes_itself_named_or_not(bool isNamed)
    {
        var server = await RegisteredAsync();
        (await host.PostAsAsync(server.Token, "/revoke", isNamed ? new { server_id = server.Id } : null)).Outcome.Should().Be("200");
        (await host.PostAsAsync(server.Token, "/checkin")).Outcome.Should().Be(Dead);
    }

    [Fact]
    public async Task Again_it_is_the_same_answer_and_no_second_event()
    {
        var server = await RegisteredAsync();
        for (int i = 0; i < 3; i++) (await host.PostAsAsync(server.Token, "/revoke")).ShouldBe(200, $$"""{"status":"revoked","server_id":"{{server.Id}}"}""");
        for (int i = 0; i < 3; i++) (await host.PostAsAsync(TestAdministrators.Token, "/revoke", new { server_id = server.Id })).Outcome.Should().Be("200");
        host.Storage.Events.Count(e => e.Event == "server.revoked" && e.Target == server.Id).Should().Be(1);
    }

    [Fact]
    public async Task A_server_revokes_no_other_and_does_not_learn_whether_it_exists()
    {
        (string Id, string Token) one = await RegisteredAsync(), other = await RegisteredAsync();
        (await host.PostAsAsync(one.Token, "/revoke", new { server_id = other.Id })).ShouldFailFlatly(403, "forbidden");
        (await host.PostAsAsync(one.Token, "/revoke", new { server_id = Unknown })).ShouldFailFlatly(403, "forbidden");
        (await host.PostAsAsync(other.Token, "/checkin")).Outcome.Should().Be("200");
        (await host.PostAsAsync(one.Token, "/checkin")).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task An_administrator_revokes_any_server_that_exists()
    {
        var server = await RegisteredAsync();
        (await host.PostAsAsync(TestAdministrators.Token, "/revoke", new { server_id = server.Id })).ShouldBe(200, $$"""{"status":"revoked","server_id":"{{server.Id}}"}""");
        (await host.PostAsAsync(server.Token, "/checkin")).Outcome.Should().Be(Dead);
        host.Storage.Events.Last(e => e.Event == "server.revoked").Caller!.Actor.Should().Be(TestAdministrators.Name);
        (await host.PostAsAsync(TestAdministrators.Token, "/revoke", new { server_id = Unknown })).ShouldFailFlatly(404, "not_found");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"server_id":null}""")]
    [InlineData("""{"server_id":""}""")]
    [InlineData("""{"server_id":1}""")]
    [InlineData("[]")]
    [InlineData(null)]
    public async Task An_administrator_names_the_server(string? body) => (await host.PostAsAsync(TestAdministrators.Token, "/revoke", body)).ShouldFailFlatly(400, "invalid_request");

    [Fact]
    public async Task Who_is_no_administrator_revokes_nothing()
    {
        var server = await RegisteredAsync();
        (await host.PostAsAsync(TestAdministrators.Unprivileged, "/revoke", new { server_id = server.Id })).ShouldFailFlatly(403, "insufficient_scope");
        (await host.PostAsAsync("stranger", "/revoke", new { server_id = server.Id })).ShouldFailFlatly(401, "invalid_token");
        (await host.PostAsync("/revoke", new { server_id = server.Id })).ShouldFailFlatly(401, "invalid_token");
        (await host.PostAsAsync(server.Token, "/checkin")).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task Who_may_not_is_told_so_before_what_is_wrong_with_the_body()
    {
        (await host.PostAsAsync("stranger", "/revoke", "[")).ShouldFailFlatly(401, "invalid_token");
        (await host.PostAsAsync(TestAdministrators.Unprivileged, "/revoke", "[")).ShouldFailFlatly(403, "insufficient_scope");
    }

    [Fact]
    public async Task The_host_revokes_too()
    {
        var server = await RegisteredAsync();
        var caller = new Caller("", "", "", "operations");
        (await host.Lifecycle.RevokeServerAsync(server.Id, caller, isDryRun: false)).Should().Be(1);
        (await host.Lifecycle.RevokeServerAsync(Unknown, caller, isDryRun: false)).Should().BeNull();
        (await host.GetAsync("/status", server.Token)).Outcome.Should().Be(Dead);
    }

    [Fact]
    public async Task A_code_is_revoked_once_and_while_it_can_still_be_used()
    {
        var caller = new Caller("", "", "", "operations");
        var issued = await (await host.IssuedAsync()).RevokedAsync();
        (await host.Lifecycle.RevokeCodeAsync(issued.CodeId(), caller, isDryRun: false)).Refused.Should().BeNull();
        host.Storage.Events.Count(e => e.Event == "install_code.revoked" && e.Target == issued.CodeId().ToString()).Should().Be(1);
        (await host.Lifecycle.RevokeCodeAsync(long.MaxValue, caller, isDryRun: false)).Refused.Should().Be(InstallLifecycle.Codes.CodeRevocationRefused.NotThere);
        var confirmed = await host.ConfirmedAsync();
        (await host.Lifecycle.RevokeCodeAsync(confirmed.CodeId(), caller, isDryRun: false)).Refused.Should().Be(InstallLifecycle.Codes.CodeRevocationRefused.Ended);
        (await confirmed.ConfirmAsync()).Outcome.Should().Be("409 install_token_consumed");
    }

    private async Task<(string Id, string Token)> RegisteredAsync() => await (await host.ActivatedAsync()).RegisteredAsync();
}
