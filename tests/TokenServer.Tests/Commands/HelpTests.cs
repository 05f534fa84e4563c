using TokenServer.Tests.Support;

namespace TokenServer.Tests.Commands;

/// <summary>Help and exit codes of the command line: 0 done, 1 failed, 2 not understood.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("--help", "import")]
    [InlineData("serve --help", "--demo")]
    [InlineData("serve --help", "--urls http://127.0.0.1:5000")]
    [InlineData("serve --help", "--TokenServer:Lifetimes:RefreshToken                 14.00:00:00")]
    [InlineData("serve --help", "--RateLimits:Login:Permits")]
    [InlineData("serve --help", "--InstallLifecycle:CodeLifetime")]
    [InlineData("client add --help", "--create")]
    [InlineData("import --help", "<file>")]
    [InlineData("user --help", "password")]
    [InlineData("user add --help", "--email")]
    [InlineData("user list --help", "List the users")]
    [InlineData("user disable --help", "<user>")]
    [InlineData("user enable --help", "<user>")]
    [InlineData("user password --help", "standard input")]
    [InlineData("client --help", "rotate-secret")]
    [InlineData("client add --help", "--grant-type")]
    [InlineData("client list --help", "List the clients")]
    [InlineData("client change --help", "--redirect-uri")]
    [InlineData("user change --help", "--role")]
    [InlineData("scope --help", "change")]
    [InlineData("scope add --help", "--resource")]
    [InlineData("client revoke --help", "<client_id>")]
    [InlineData("client restore --help", "<client_id>")]
    [InlineData("client rotate-secret --help", "<client_id>")]
    [InlineData("keys --help", "rotate")]
    [InlineData("keys list --help", "List the signing keys")]
    [InlineData("keys rotate --help", "announce")]
    [InlineData("prune --help", "expired")]
    [InlineData("demo code --help", "second factor")]
    [InlineData("backup --help", "--force")]
    [InlineData("restore --help", "--end-sessions")]
    public async Task Help_says_what_a_command_does_and_opens_no_database(string command, string expected)
    {
        using var folder = new TemporaryFolder();
        var ended = await ServerProcess.RunAsync(folder.Path, command.Split(' '));
        ended.ExitCode.Should().Be(0);
        ended.Output.Should().Contain("Usage:").And.Contain(expected);
        Directory.GetFileSystemEntries(folder.Path).Should().BeEmpty();
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("user nonsense")]
    [InlineData("user")]
    [InlineData("user add jane")]
    [InlineData("client add")]
    [InlineData("client add web --nonsense")]
    [InlineData("user list --nonsense")]
    [InlineData("client add web --access-token-lifetime soon")]
    [InlineData("import")]
    [InlineData("backup")]
    [InlineData("restore backup.tar --nonsense")]
    public async Task What_is_not_understood_ends_with_2_and_is_named(string command)
    {
        using var folder = new TemporaryFolder();
        var ended = await ServerProcess.RunAsync(folder.Path, command.Split(' '));
        ended.ExitCode.Should().Be(2);
        ended.Error.Should().Contain("See --help.");
        ended.Output.Should().BeEmpty();
        Directory.GetFileSystemEntries(folder.Path).Should().BeEmpty();
    }
}
