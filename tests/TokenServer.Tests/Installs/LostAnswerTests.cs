using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>The server has acted and the answer is lost: sending the same again leads on (contract section 5).</summary>
public sealed class LostAnswerTests(InstallServer shared) : IClassFixture<InstallServer>, IDisposable
{
    private readonly TestServer server = shared.Server;
    private readonly CuttingProxy proxy = new(shared.Server.Address);

    public void Dispose() => proxy.Dispose();

    [Fact]
    public async Task Of_an_issue_costs_that_code_and_another_is_issued()
    {
        long before = server.LastCode();
        var install = await LoseAsync(Issue);
        (server.LastCode(), install.Code).Should().Be((before + 1, ""));
        (await install.UpToAsync(Confirm)).Code.Should().NotBeEmpty();
        server.LastCode().Should().Be(before + 2);
    }

    [Fact]
    public async Task Of_an_issue_counts_as_issued()
    {
        await using var limited = await InstallServer.StartAsync();
        using var way = new CuttingProxy(limited.Address);
        var install = await new Installation(way.Http).OpenPageAsync();
        await way.LoseAsync(() => install.DoAsync(Issue));
        (await install.DoAsync(Issue)).Status.Should().Be(201);
        (await install.DoAsync(Issue)).Status.Should().Be(201);
        (await install.DoAsync(Issue)).ShouldRefuse(429, "rate_limit_exceeded");
    }

    [Fact]
    public async Task Of_a_precheck_costs_nothing()
    {
        var install = await LoseAsync(Precheck);
        (await install.DoAsync(Precheck)).Status.Should().Be(200);
        await GoesOnAsync(install, Activate, Register, Confirm);
    }

    [Fact]
    public async Task Of_an_activation_costs_nothing_and_there_is_one_activation()
    {
        var install = await LoseAsync(Activate);
        (await install.DoAsync(Activate)).Status.Should().Be(200);
        Events(install).Should().Equal("activation.activated", "activation.repeated");
        await GoesOnAsync(install, Register, Confirm);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_grant_costs_nothing_by_whichever_way_it_is_sent_again(bool byGrant)
    {
        var install = await StartAsync(Activate);
        await proxy.LoseAsync(() => proxy.Http.PostAsync("/connect/token", new FormUrlEncodedContent([new("grant_type", InstallRequests.GrantType), new("client_id", "installer"), .. install.ActivationFields])));
        if (byGrant) install.Take(await server.GrantAsync(install));
        else await install.DoAsync(Activate);
        Events(install).Should().Equal("activation.activated", "activation.repeated");
        await GoesOnAsync(install, Register, Confirm);
    }

    [Fact]
    public async Task Of_a_registration_costs_nothing_and_there_is_one_server()
    {
        var install = await LoseAsync(Register);
        (await install.DoAsync(Register)).Status.Should().Be(200, "it is the same server with a new token");
        await GoesOnAsync(install, CheckIn, Confirm, CheckIn);
        InstallAudit.Of(server).Where(e => e.Target == install.ServerId).Select(e => e.Event).Should().Equal("server.registered", "server.token_replaced");
    }

    [Fact]
    public async Task Of_a_confirmation_is_told_by_what_the_repeat_is_answered()
    {
        var install = await LoseAsync(Confirm);
        (await install.DoAsync(Confirm)).ShouldRefuse(409, "install_token_consumed");
        (await install.DoAsync(CheckIn)).Status.Should().Be(200);
        Events(install).Should().Equal("activation.activated", "activation.confirmed");
    }

    [Fact]
    public async Task Of_a_release_leaves_a_code_that_is_good_whatever_the_repeat_says()
    {
        var install = await LoseAsync(Release);
        var again = await install.DoAsync(Release);
        (again.Status, again.Json.GetProperty("data").GetProperty("install_code_restored").GetBoolean()).Should().Be((200, false));
        Events(install).Should().Equal("activation.activated", "activation.released");
        await GoesOnAsync(install, Precheck, Activate, Register, Confirm);
    }

    [Fact]
    public async Task Of_a_check_in_or_of_a_servers_own_revocation_costs_nothing()
    {
        var install = await StartAsync(CheckIn);
        foreach (string step in (string[])[CheckIn, Revoke])
        {
            await proxy.LoseAsync(() => install.DoAsync(step));
            (await install.DoAsync(step)).Status.Should().Be(200, step);
        }
        InstallAudit.Of(server).Count(e => e.Target == install.ServerId && e.Event == "server.revoked").Should().Be(1);
    }

    private async Task<Installation> LoseAsync(string step)
    {
        var install = await StartAsync(step);
        await proxy.LoseAsync(() => install.DoAsync(step));
        return install;
    }

    // Everything that comes before the step is done.
    private async Task<Installation> StartAsync(string step)
    {
        var install = new Installation(proxy.Http);
        string before = step is CheckIn ? Confirm : step is Release ? Register : Steps.TakeWhile(s => s != step).LastOrDefault("");
        return before.Length == 0 ? await install.OpenPageAsync() : await install.UpToAsync(before);
    }

    private static async Task GoesOnAsync(Installation install, params string[] steps)
    {
        foreach (string step in steps) (await install.DoAsync(step)).Status.Should().BeInRange(200, 201, step);
    }

    // What happened to its activation.
    private IEnumerable<string> Events(Installation install) =>
        InstallAudit.Of(server).Where(e => e.Target == install.ActivationId && e.Event.StartsWith("activation.", StringComparison.Ordinal)).Select(e => e.Event);
}
