using System.Globalization;
using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>What the install API refuses, the grant refuses too, and by the same counters (contract sections 1 and 5).</summary>
public sealed class InstallGrantErrorTests
{
    private static readonly string[] Unlimited = InstallRequests.NoInstallLimits;

    /// <summary>How to come to each refusal of a prechecked install: the API's status and code.</summary>
    private static readonly Dictionary<string, (int Status, Func<TestServer, Installation, Task> Arrange)> Refusals = new()
    {
        ["install_code_invalid"] = (404, (_, i) => Do(() => i.Code = "IPT-SD-000000-000000-000000")),
        ["precheck_token_invalid"] = (401, (_, i) => Do(() => i.PrecheckToken = "garbage")),
        ["precheck_token_expired"] = (401, async (s, i) =>
        {
            string first = i.PrecheckToken;
            s.Clock.Advance(TimeSpan.FromMinutes(9));
            await i.DoAsync(Precheck);
            s.Clock.Advance(TimeSpan.FromMinutes(2));
            i.PrecheckToken = first;
        }),
        ["machine_mismatch"] = (409, (_, i) => Do(() => i.MachineId = new string('a', 32))),
        ["install_code_used"] = (409, async (_, i) =>
        {
            await i.DoAsync(Activate);
            i.Hostname = "other.example.com";
        }),
        ["install_code_expired"] = (410, (s, _) => Do(() => s.Clock.Advance(TimeSpan.FromMinutes(11)))),
        ["install_code_revoked"] = (410, (s, _) => s.RevokeLastCodeAsync()),
    };

    public static TheoryData<string> Codes => [.. Refusals.Keys];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task What_the_API_refuses_for_the_code_its_machine_or_its_token_is_invalid_grant(string code)
    {
        await using var server = await InstallServer.StartAsync(Unlimited);
        var install = await new Installation(server).UpToAsync(Precheck);
        await Refusals[code].Arrange(server, install);
        var answer = await server.GrantAsync(install);
        (answer.Status, answer["error"]).Should().Be((400, "invalid_grant"), answer.Body);
        answer["error_description"].Should().StartWith(code).And.MatchRegex("^[ -~]+$");
        answer.Json.Names().Should().Equal("error", "error_description");
        (await install.DoAsync(Activate)).ShouldRefuse(Refusals[code].Status, code);
    }

    [Fact]
    public async Task A_confirmed_code_is_used()
    {
        await using var server = await InstallServer.StartAsync(Unlimited);
        var install = await new Installation(server).UpToAsync(Confirm);
        var answer = await server.GrantAsync(install);
        (answer["error"], answer["error_description"]).Should().Be(("invalid_grant", "install_code_used: Install code has already been used."));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_ways_together_activate_five_times_a_day(bool sameMachine)
    {
        await using var server = await InstallServer.StartAsync([.. InstallRequests.CodeLimits(100), sameMachine ? "--InstallLifecycle:ActivationsPerIpPerDay=100" : "--InstallLifecycle:ActivationsPerMachinePerDay=100"]);
        for (int i = 0; i < 5; i++) (await TryAsync(server, byGrant: i % 2 == 0, sameMachine)).Status.Should().Be(200);
        server.Clock.Advance(TimeSpan.FromHours(23));
        var granted = await TryAsync(server, byGrant: true, sameMachine);
        (granted.Status, granted["error"], granted.Headers.RetryAfter!.ToString()).Should().Be((429, "slow_down", "3600"));
        var activated = await TryAsync(server, byGrant: false, sameMachine);
        activated.ShouldRefuse(429, "rate_limit_exceeded");
        activated.Headers.RetryAfter!.ToString().Should().Be("3600");
        server.Clock.Advance(TimeSpan.FromHours(1));
        (await TryAsync(server, byGrant: true, sameMachine)).Status.Should().Be(200, "refused requests were not counted");
    }

    [Fact]
    public async Task Repeats_and_requests_with_wrong_fields_are_not_counted_here_either()
    {
        await using var server = await InstallServer.StartAsync([.. InstallRequests.CodeLimits(100), .. InstallRequests.ActivationLimits(1)]);
        var install = await new Installation(server).UpToAsync(Precheck);
        for (int i = 0; i < 3; i++) (await server.GrantAsync(install, "panel", ("hostname", "localhost")))["error"].Should().Be("invalid_request");
        for (int i = 0; i < 3; i++) (await server.GrantAsync(install)).Status.Should().Be(200);
        (await server.GrantAsync(await new Installation(server).UpToAsync(Precheck)))["error"].Should().Be("slow_down");
    }

    [Fact]
    public async Task A_guess_is_counted_whichever_way_it_came()
    {
        await using var server = await InstallServer.StartAsync(InstallRequests.CodeLimits(100));
        var install = await new Installation(server).UpToAsync(Precheck);
        for (int i = 0; i < 5; i++) (await server.GrantAsync(install, "panel", ("install_code", string.Create(CultureInfo.InvariantCulture, $"IPT-SD-000000-000000-00000{i}"))))["error"].Should().Be("invalid_grant");
        (await install.DoAsync(Activate)).ShouldRefuse(429, "rate_limit_exceeded");
    }

    private static async Task<Answer> TryAsync(TestServer server, bool byGrant, bool sameMachine)
    {
        var install = new Installation(server);
        if (sameMachine) install.MachineId = new string('b', 32);
        await install.UpToAsync(Precheck);
        return byGrant ? await server.GrantAsync(install) : await install.DoAsync(Activate);
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
