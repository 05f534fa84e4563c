using System.Net;
using System.Net.Sockets;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Commands;

/// <summary>A start that cannot be says why in one line; the demo is where it was put.</summary>
public sealed class ServeTests
{
    [Fact]
    public async Task A_port_that_is_taken_is_one_line()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await ShouldSayAsync("http://" + listener.LocalEndpoint, "already in use");
    }

    [Theory]
    [InlineData("127.0.0.1:5999", "has a scheme")]
    [InlineData("localhost:5999", "has a scheme")]
    [InlineData("5999", "has a scheme")]
    [InlineData("http://192.0.2.1:5999", "cannot listen at http://192.0.2.1:5999")]
    public Task An_address_that_cannot_be_is_one_line(string address, string said) => ShouldSayAsync(address, said);

    [Fact]
    public async Task A_port_of_the_systems_is_refused_to_an_ordinary_user_in_one_line()
    {
        if (OrdinaryUser.IsAnother) await ShouldSayAsync("http://127.0.0.1:81", "cannot listen at http://127.0.0.1:81: Permission denied");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/below")]
    public async Task A_folder_that_may_not_be_written_to_is_named_with_its_setting_and_the_reason(string below)
    {
        if (!OrdinaryUser.IsAnother) return;
        using var folder = new TemporaryFolder();
        string closed = Directory.CreateDirectory(Path.Combine(folder.Path, "roots")).FullName;
        var ended = await ServerProcess.RunAsync(folder.Path, ["serve", "--urls=http://127.0.0.1:0", $"--TokenServer:DataDirectory=/usr{below}"]);
        ended.ExitCode.Should().Be(1);
        ended.Error.Trim().Should().StartWith("Setting TokenServer:DataDirectory: ").And.Contain("/usr" + below).And.MatchRegex("denied|Read-only").And.NotContain("\n");
        Directory.EnumerateFileSystemEntries(closed).Should().BeEmpty();
    }

    [SqliteFact("the demo's database is a file")]
    public async Task The_demo_is_in_the_folder_that_the_command_names()
    {
        using var folder = new TemporaryFolder();
        string named = Path.Combine(folder.Path, "named");
        await using (var server = await ServerProcess.StartDemoAsync(folder.Path, named))
            (await server.PostAsync("/connect/token", "worker", "worker-demo-secret", ("grant_type", "client_credentials"))).Status.Should().Be(200);
        File.Exists(Path.Combine(named, "tokenserver.db")).Should().BeTrue();
        // Once more: what is there is the demo's own.
        await using var again = await ServerProcess.StartDemoAsync(folder.Path, named);
    }

    [SqliteFact("the demo's database is a file")]
    public async Task The_demo_gives_nobody_a_password_on_another_servers_database()
    {
        using var folder = await TestTemplate.FolderAsync();
        var ended = await ServerProcess.RunAsync(folder.Path, ["serve", "--demo", "--urls=http://127.0.0.1:0", $"--TokenServer:DataDirectory={folder.Path}"]);
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain("TokenServer:DataDirectory").And.Contain("demo");
        (await ServerProcess.RunAsync(folder.Path, ["user", "list"])).Output.Should().NotContain("jane.doe");
    }

    private static async Task ShouldSayAsync(string address, string said)
    {
        using var folder = await TestTemplate.FolderAsync();
        var ended = await ServerProcess.RunAsync(folder.Path, ["serve", "--urls", address]);
        ended.ExitCode.Should().Be(1);
        ended.Error.Trim().Should().Contain(said).And.NotContain("\n").And.NotContain("   at ");
        ended.Output.Should().NotContain("   at ");
    }
}
