using TokenServer.Tests.Support;

namespace TokenServer.Tests.Commands;

/// <summary><c>TokenServer scope …</c> beside a running server: a first API is set up without a file.</summary>
public sealed class ScopeCommandTests
{
    [Fact]
    public async Task A_first_API_is_set_up_by_three_commands()
    {
        await using var server = await CommandServer.StartAsync();
        (await server.DoAsync("scope add reports --resource reports-api ledger --description Read")).Should().Be("reports is registered\n");
        string secret = (await server.DoAsync("client add robot --grant-type client_credentials --scope reports")).Split(' ', '\n')[3];
        await server.DoAsync("client add ledger --audience ledger --introspection");
        await CommandServer.ShouldSoonAsync(async () => (await server.ClientTokenAsync("robot", secret)).Status == 200);
        Jwt.Claims((await server.ClientTokenAsync("robot", secret))["access_token"]!).GetProperty("aud").ToString().Should().Be("""["reports-api","ledger"]""");
        string list = await server.DoAsync("scope list");
        list.Should().Contain("\nreports\tregistered\treports-api ledger\t\tRead\n").And.Contain("openid\tbuilt in\t\t\t\n");
    }

    [Fact]
    public async Task A_change_replaces_what_it_names_and_a_scope_that_no_client_names_is_deleted()
    {
        using var folder = await TestTemplate.FolderAsync();
        (await RunAsync(folder, "scope change files --display-name Files")).Output.Should().Be("files is changed\n");
        (await RunAsync(folder, "scope change files --resource ")).ExitCode.Should().Be(0);
        (await RunAsync(folder, "scope list")).Output.Should().Contain("\nfiles\tregistered\t\tFiles\t\n");
        (await RunAsync(folder, "scope delete files")).Error.Should().Contain("worker");
        (await RunAsync(folder, "client change worker --scope api")).ExitCode.Should().Be(0);
        (await RunAsync(folder, "scope delete files")).Output.Should().Be("files is deleted\n");
        var gone = await RunAsync(folder, "client change worker --scope files");
        gone.ExitCode.Should().Be(1);
        gone.Error.Should().EndWith("scope has files, which is not registered\n");
    }

    [Theory]
    [InlineData("scope add api", "name is taken")]
    [InlineData("scope add a\"b", "name must be")]
    [InlineData("scope change nothing --description x", "no such")]
    [InlineData("scope delete nothing", "no such")]
    public async Task What_cannot_be_done_ends_with_1_and_says_why(string command, string reason)
    {
        using var folder = await TestTemplate.FolderAsync();
        var ended = await RunAsync(folder, command);
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain(reason).And.NotContain("   at ");
    }

    private static Task<ServerProcess.Ended> RunAsync(TemporaryFolder folder, string command) => ServerProcess.RunAsync(folder.Path, command.Split(' '));
}
