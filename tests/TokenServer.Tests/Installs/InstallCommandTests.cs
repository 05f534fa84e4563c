using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary><c>TokenServer keys rotate</c> and <c>prune</c> beside a server with installs.</summary>
public sealed class InstallCommandTests : IAsyncLifetime
{
    private TemporaryFolder folder = null!;

    public async Task InitializeAsync() => folder = await TestTemplate.FolderAsync();

    public Task DisposeAsync()
    {
        folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Rotated_keys_leave_every_install_under_way_to_go_on()
    {
        await using var server = await ServerProcess.StartAsync(folder.Path);
        Installation issued = await NewInstall(server).UpToAsync(Issue), prechecked = await NewInstall(server).UpToAsync(Precheck), activated = await NewInstall(server).UpToAsync(Activate);
        (await RunAsync("keys", "rotate")).Should().EndWith("install keys rotated\n");
        await GoesOnAsync(issued, Precheck, Activate, Register, Confirm);
        await GoesOnAsync(prechecked, Activate, Register, Confirm);
        await GoesOnAsync(activated, Register, Confirm);
        Jwt.Header(issued.PrecheckToken).Text("kid").Should().NotBe(Jwt.Header(prechecked.PrecheckToken).Text("kid"), "new keys are at work");
        Jwt.Header(issued.InstallToken).Text("kid").Should().NotBe(Jwt.Header(activated.InstallToken).Text("kid"));
    }

    [Fact]
    public async Task Compromised_keys_end_codes_and_tokens_at_once_and_leave_servers_alone()
    {
        await using var server = await ServerProcess.StartAsync(folder.Path, [.. Limits]);
        Installation issued = await NewInstall(server).UpToAsync(Issue), prechecked = await NewInstall(server).UpToAsync(Precheck), activated = await NewInstall(server).UpToAsync(Activate), confirmed = await NewInstall(server).UpToAsync(Confirm);
        (await RunAsync("keys", "rotate", "--compromised")).Should().Contain("install code");
        (await issued.DoAsync(Precheck)).ShouldRefuse(404, "install_code_invalid");
        (await prechecked.DoAsync(Activate)).ShouldRefuse(404, "install_code_invalid");
        (await activated.DoAsync(Confirm)).ShouldRefuse(401, "install_token_invalid");
        (await activated.DoAsync(Register)).ShouldRefuseFlat(401, "install_token_invalid");
        (await confirmed.DoAsync(CheckIn)).Status.Should().Be(200);
        await NewInstall(server).UpToAsync(Confirm);
    }

    [Fact]
    public async Task Prune_expires_what_is_due_and_says_how_much()
    {
        // Stopped before it does the same by itself.
        await using (var server = await ServerProcess.StartAsync(folder.Path, ("InstallLifecycle:CodeLifetime", "00:00:01"))) await NewInstall(server).UpToAsync(Issue);
        // A second must have passed on the system's clock, which these processes go by.
        (await Eventually.TrueAsync(async () => (await RunAsync("prune")).EndsWith("; 1 installs expired\n", StringComparison.Ordinal), Eventually.Never)).Should().BeTrue();
        (await RunAsync("prune")).Should().EndWith("; 0 installs expired\n");
    }

    private static IEnumerable<(string Name, string? Value)> Limits => InstallRequests.NoInstallLimits.Select(s => s[2..].Split('=')).Select(s => (s[0], (string?)s[1]));

    private static Installation NewInstall(ServerProcess server) => new(server.Http);

    private async Task<string> RunAsync(params string[] command)
    {
        var ended = await ServerProcess.RunAsync(folder.Path, command);
        ended.ExitCode.Should().Be(0, ended.Error);
        return ended.Output;
    }

    private static async Task GoesOnAsync(Installation install, params string[] steps)
    {
        foreach (string step in steps) (await install.DoAsync(step)).Status.Should().BeInRange(200, 201, step);
    }
}
