using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Commands;

/// <summary>The demo's console is one step away: its administrator has a second factor whose code a command prints.</summary>
public sealed class DemoCommandTests
{
    [Fact]
    public async Task The_code_that_the_command_prints_opens_the_console()
    {
        var clock = new ManualClock();
        await using var server = await TestServer.StartAsync(import: await File.ReadAllTextAsync(SampleFiles.Folder("demo.json")), clock: clock);
        using var browser = new Browser(server);
        using var folder = new TemporaryFolder();
        var printed = await ServerProcess.RunAsync(folder.Path, ["demo", "code"]);
        printed.ExitCode.Should().Be(0, printed.Error);
        printed.Output.Should().MatchRegex(@"\A[0-9]{6}\n\z");
        Directory.GetFileSystemEntries(folder.Path).Should().BeEmpty("it opens no database");
        // The command goes by the system's clock.
        clock.Advance(TimeProvider.System.GetUtcNow() - clock.GetUtcNow());
        (await browser.SignInAsync("admin", "demo-password-of-admin", "/admin")).ShouldGoTo("/account/second-factor");
        (await browser.PostAsync("/account/second-factor", ("code", printed.Output.Trim()))).ShouldGoTo("/admin");
        (await browser.GetAsync("/admin")).Status.Should().Be(200);
    }
}
