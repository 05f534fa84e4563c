using TokenServer.Tests.Support;

namespace TokenServer.Tests.Commands;

/// <summary><c>TokenServer user …</c> beside a running server.</summary>
public sealed class UserCommandTests
{
    [Fact]
    public async Task An_added_user_signs_in_at_a_running_server()
    {
        await using var server = await CommandServer.StartAsync();
        (await server.DoAsync("user add mary --email mary@example.com --role admin", "her password\n")).Should().Be("mary may sign in\n");
        (await server.SignInAsync("mary", "her password")).Status.Should().Be(200);
        (await server.DoAsync("user list")).Should().MatchRegex(@"(?m)^\d+\tmary\tmary@example\.com\tadmin\tenabled\t-$");
    }

    [Fact]
    public async Task A_disabled_users_tokens_are_dead_within_a_second_and_an_enabled_user_signs_in_again()
    {
        await using var server = await CommandServer.StartAsync();
        var signedIn = await server.SignInAsync();
        string token = signedIn["access_token"]!;
        (await server.IsActiveAsync(token)).Should().BeTrue();
        await server.DoAsync("user disable bob");
        await CommandServer.ShouldSoonAsync(async () => !await server.IsActiveAsync(token));
        (await server.RefreshAsync(signedIn["refresh_token"]!))["error"].Should().Be("invalid_grant");
        (await server.SignInAsync())["error"].Should().Be("invalid_grant");
        (await server.DoAsync("user list")).Should().MatchRegex(@"(?m)\tbob\t.*\tdisabled\t");
        await server.DoAsync("user enable bob");
        (await server.SignInAsync()).Status.Should().Be(200);
        (await server.IsActiveAsync(token)).Should().BeFalse();
    }

    [Fact]
    public async Task A_new_password_from_standard_input_ends_the_sessions_of_a_running_server()
    {
        await using var server = await CommandServer.StartAsync();
        string token = (await server.SignInAsync())["access_token"]!;
        (await server.DoAsync("user password bob@example.com", "another password\n")).Should().Contain("bob").And.NotContain("another");
        await CommandServer.ShouldSoonAsync(async () => !await server.IsActiveAsync(token));
        (await server.SignInAsync())["error"].Should().Be("invalid_grant");
        (await server.SignInAsync("bob", "another password")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_command_that_changes_nothing_says_so()
    {
        await using var server = await CommandServer.StartAsync();
        (await server.DoAsync("user enable bob")).Should().Be("bob was not disabled\n");
        (await server.DoAsync("user disable bob")).Should().Be("bob is disabled\n");
        (await server.DoAsync("user disable bob")).Should().Be("bob was disabled already\n");
    }

    [Fact]
    public async Task A_change_replaces_what_it_names_and_leaves_the_rest()
    {
        await using var server = await CommandServer.StartAsync();
        string token = (await server.SignInAsync("jane"))["access_token"]!;
        (await server.DoAsync("user change jane --email j.doe@example.com")).Should().Be("jane is changed\n");
        (await server.IsActiveAsync(token)).Should().BeTrue();
        (await server.DoAsync("user list")).Should().MatchRegex(@"(?m)\tjane\tj\.doe@example\.com\tadmin\t");
        (await server.DoAsync("user change j.doe@example.com --role user")).Should().Be("jane is changed\n");
        await CommandServer.ShouldSoonAsync(async () => !await server.IsActiveAsync(token));
        (await server.DoAsync("user list")).Should().MatchRegex(@"(?m)\tjane\tj\.doe@example\.com\tuser\t");
    }

    [Theory]
    [InlineData("user disable nobody", null, "no such user")]
    [InlineData("user enable nobody", null, "no such user")]
    [InlineData("user password nobody", "a long enough one\n", "no such user")]
    [InlineData("user add mary --email mary@example.com", null, "standard input")]
    [InlineData("user add mary --email mary@example.com", "\n", "password")]
    [InlineData("user add mary --email mary@example.com", "short\n", "8 to 1,000 characters")]
    [InlineData("user password bob", "Password1\n", "10,000 most common")]
    [InlineData("user password bob", "bob@example.com\n", "not be the user name")]
    [InlineData("user change nobody --role admin", null, "no such user")]
    [InlineData("user change bob --role king!", null, "role")]
    [InlineData("user change bob --role ADMIN", null, "must be written admin")]
    [InlineData("user change bob --email jane@example.com", null, "taken")]
    [InlineData("user add m@ry --email mary@example.com", "a long enough one\n", "username")]
    [InlineData("user add mary --email mary", "a long enough one\n", "email")]
    [InlineData("user add mary --email mary@example.com --role king!", "a long enough one\n", "role")]
    public async Task What_cannot_be_done_ends_with_1_and_says_why(string command, string? input, string reason)
    {
        using var folder = await TestTemplate.FolderAsync();
        var ended = await ServerProcess.RunAsync(folder.Path, command.Split(' '), input);
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain(reason).And.NotContain("   at ");
    }

    [NeedsCommandFact("bash")]
    public async Task A_password_that_is_not_UTF_8_is_refused()
    {
        using var folder = await TestTemplate.FolderAsync();
        string program = Path.Combine(AppContext.BaseDirectory, "TokenServer.dll");
        string line = $"printf 'a\\374\\366long one' | '{Command.DotNet}' '{program}' user password bob --TokenServer:DataDirectory='{folder.Path}'";
        var (code, said) = await Command.RunAsync("bash", ["-c", line], null,
            await TestDatabases.ConnectionStringAsync(folder.Path) is { } connection ? [("ConnectionStrings__Default", connection)] : []);
        code.Should().Be(1, said);
        said.Should().Contain("not UTF-8").And.NotContain("   at ");
    }

    [Fact]
    public async Task A_user_name_or_an_address_is_taken_once()
    {
        using var folder = await TestTemplate.FolderAsync();
        (await ServerProcess.RunAsync(folder.Path, ["user", "add", "mary", "--email", "mary@example.com"], "a long enough one\n")).ExitCode.Should().Be(0);
        (await ServerProcess.RunAsync(folder.Path, ["user", "add", "MARY", "--email", "other@example.com"], "a long enough one\n")).Error.Should().Contain("user name is taken");
        (await ServerProcess.RunAsync(folder.Path, ["user", "add", "other", "--email", "Mary@Example.com"], "a long enough one\n")).Error.Should().Contain("e-mail address is taken");
    }

    [Fact]
    public async Task Sessions_end_locks_go_and_tokens_are_explained_beside_a_running_server()
    {
        await using var server = await CommandServer.StartAsync();
        string token = (await server.SignInAsync())["access_token"]!;
        var told = await server.RunAsync("token explain", token + "\n");
        told.Output.Should().StartWith("kind\taccess\nactive\tyes\nsubject\t").And.Contain("\nclient_id\tweb\n").And.NotContain(token);
        told.Error.Should().NotContain(token);
        (await server.DoAsync("user end-sessions bob")).Should().Be("bob has no session any more; ended: 1\n");
        await CommandServer.ShouldSoonAsync(async () => !await server.IsActiveAsync(token));
        (await server.DoAsync("token explain", token + "\n")).Should().MatchRegex("active\tno\nreason\tsession_ended\t[0-9TZ:-]+\tcommand line\n");
        token = (await server.SignInAsync())["access_token"]!;
        (await server.DoAsync("client end-sessions web")).Should().Be("web has no session any more; ended: 1\n");
        await CommandServer.ShouldSoonAsync(async () => !await server.IsActiveAsync(token));
        for (int i = 0; i < 10; i++) await server.SignInAsync("bob", "wrong");
        (await server.SignInAsync())["error"].Should().Be("invalid_grant");
        (await server.DoAsync("user unlock bob")).Should().Be("bob is unlocked\n");
        (await server.DoAsync("user unlock bob")).Should().Be("bob was not locked\n");
        (await server.SignInAsync()).Status.Should().Be(200);
        (await server.DoAsync("user change bob --role helpdesk")).Should().Be("bob is changed\n");
        (await server.DoAsync("user list")).Should().MatchRegex(@"(?m)\tbob\t.*\thelpdesk\t");
        (await server.RunAsync("user change bob --role Helpdesk")).ExitCode.Should().Be(1);
        (await server.DoAsync("token explain", "nonsense\n")).Should().Be("kind\tunknown\nactive\tno\nreason\tunknown\t-\t-\n");
    }
}
