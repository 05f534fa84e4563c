using TokenServer.Tests.Support;

namespace TokenServer.Tests.Commands;

/// <summary><c>TokenServer client …</c> beside a running server.</summary>
public sealed class ClientCommandTests
{
    [Fact]
    public async Task An_added_client_gets_tokens_with_the_secret_it_was_shown()
    {
        await using var server = await CommandServer.StartAsync();
        string secret = SecretIn(await server.DoAsync("client add robot --grant-type client_credentials --scope api"));
        await CommandServer.ShouldSoonAsync(async () => (await server.ClientTokenAsync("robot", secret)).Status == 200);
        (await server.DoAsync("client list")).Should().Contain("robot\tconfidential\tactive\tclient_credentials\tapi").And.NotContain(secret);
    }

    [Fact]
    public async Task A_public_client_is_added_without_a_secret()
    {
        using var folder = await TestTemplate.FolderAsync();
        (await ServerProcess.RunAsync(folder.Path, ["client", "add", "app", "--public", "--grant-type", "password", "refresh_token"])).Output.Should().Be("client_id app\n");
        (await ServerProcess.RunAsync(folder.Path, ["client", "list"])).Output.Should().EndWith("\napp\tpublic\tactive\tpassword refresh_token\t\n");
    }

    [Fact]
    public async Task A_revoked_client_and_its_tokens_are_refused_within_a_second()
    {
        await using var server = await CommandServer.StartAsync();
        string token = (await server.ClientTokenAsync())["access_token"]!;
        (await server.IsActiveAsync(token)).Should().BeTrue();
        (await server.DoAsync("client revoke worker")).Should().Be("worker is revoked\n");
        await CommandServer.ShouldSoonAsync(async () => !await server.IsActiveAsync(token) && (await server.ClientTokenAsync())["error"] == "invalid_client");
        (await server.DoAsync("client list")).Should().MatchRegex(@"(?m)^worker\tconfidential\trevoked\t");
        (await server.DoAsync("client revoke worker")).Should().Be("worker was revoked already\n");
    }

    [Fact]
    public async Task A_restored_client_gets_new_tokens_within_a_second_and_old_ones_stay_dead()
    {
        await using var server = await CommandServer.StartAsync();
        string old = (await server.ClientTokenAsync())["access_token"]!;
        await server.DoAsync("client revoke worker");
        await CommandServer.ShouldSoonAsync(async () => !await server.IsActiveAsync(old));
        await server.DoAsync("client restore worker");
        await CommandServer.ShouldSoonAsync(async () => (await server.ClientTokenAsync()).Status == 200);
        (await server.IsActiveAsync((await server.ClientTokenAsync())["access_token"]!)).Should().BeTrue();
        (await server.IsActiveAsync(old)).Should().BeFalse();
        (await server.DoAsync("client restore worker")).Should().Be("worker was not revoked\n");
    }

    [Fact]
    public async Task A_rotated_secret_replaces_the_old_one_within_a_second()
    {
        await using var server = await CommandServer.StartAsync();
        (await server.ClientTokenAsync()).Status.Should().Be(200);
        string secret = SecretIn(await server.DoAsync("client rotate-secret worker"));
        await CommandServer.ShouldSoonAsync(async () => (await server.ClientTokenAsync("worker", secret)).Status == 200);
        (await server.ClientTokenAsync())["error"].Should().Be("invalid_client");
    }

    [Fact]
    public async Task A_rotation_may_keep_the_old_secret_until_it_is_ended()
    {
        await using var server = await CommandServer.StartAsync();
        string secret = SecretIn(await server.DoAsync("client rotate-secret worker --keep-old-for 01:00:00"));
        await CommandServer.ShouldSoonAsync(async () => (await server.ClientTokenAsync("worker", secret)).Status == 200);
        (await server.ClientTokenAsync()).Status.Should().Be(200);
        (await server.DoAsync("client end-old-secret worker")).Should().Be("worker has one secret now\n");
        await CommandServer.ShouldSoonAsync(async () => (await server.ClientTokenAsync()).Status == 401);
        (await server.ClientTokenAsync("worker", secret)).Status.Should().Be(200);
        (await server.DoAsync("client end-old-secret worker")).Should().Be("worker had one secret only\n");
    }

    [Theory]
    [InlineData("client rotate-secret worker --keep-old-for 31.00:00:00", "30 days")]
    [InlineData("client end-old-secret nobody", "no such client")]
    [InlineData("client revoke nobody", "no such client")]
    [InlineData("client restore nobody", "no such client")]
    [InlineData("client rotate-secret nobody", "no such client")]
    [InlineData("client change nobody --name x", "no such client")]
    [InlineData("client change web --scope nothing", "scope has nothing")]
    [InlineData("client change web --auth-method none", "token_endpoint_auth_method")]
    [InlineData("client revoke first-party", "no such client")]
    [InlineData("client delete first-party", "no such client")]
    [InlineData("client change first-party --name x", "no such client")]
    [InlineData("client rotate-secret first-party", "no such client")]
    [InlineData("client add robot --grant-type implicit", "grant_types has implicit")]
    [InlineData("client add robot --scope apii", "scope has apii")]
    [InlineData("client add robot --audience apii", "audiences has apii")]
    [InlineData("client add robot --redirect-uri http://example.com/", "redirect_uris")]
    [InlineData("client add robot --redirect-uri https://ä.example.com/", "redirect_uris has an entry that has a host with letters beyond ASCII: write it as xn--")]
    [InlineData("client add 4711", "client_id may not be a number")]
    [InlineData("client add robot --access-token-lifetime 0", "access_token_lifetime")]
    [InlineData("client add robot --public --introspection", "introspection")]
    [InlineData("client add robot --public --grant-type client_credentials", "grant_types")]
    public async Task What_cannot_be_done_ends_with_1_and_says_why(string command, string reason)
    {
        using var folder = await TestTemplate.FolderAsync();
        var ended = await ServerProcess.RunAsync(folder.Path, command.Split(' '));
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain(reason).And.NotContain("   at ");
    }

    [Fact]
    public async Task A_change_replaces_what_it_names_leaves_the_rest_and_an_empty_text_removes()
    {
        await using var server = await CommandServer.StartAsync();
        (await server.DoAsync("client change worker --scope api --access-token-lifetime 60 --audience api files --introspection")).Should().Be("worker is changed\n");
        await CommandServer.ShouldSoonAsync(async () => await server.ClientTokenAsync() is var answer && (answer["scope"], answer["expires_in"]) == ("api", "60"));
        (await server.DoAsync("client list")).Should().MatchRegex(@"(?m)^worker\tconfidential\tactive\tclient_credentials\tapi$");
        await server.DoAsync("client change worker --access-token-lifetime 0 --introspection false --audience  --access-token-format opaque");
        await CommandServer.ShouldSoonAsync(async () => await server.ClientTokenAsync() is var answer && answer["expires_in"] == "3600" && answer["access_token"]!.StartsWith("at_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_of_a_browser_and_one_with_keys_are_added()
    {
        using var folder = await TestTemplate.FolderAsync();
        string keys = Path.Combine(folder.Path, "keys.json");
        await File.WriteAllTextAsync(keys, new ClientKey().Jwks.GetRawText());
        (await ServerProcess.RunAsync(folder.Path, ["client", "add", "site", "--grant-type", "authorization_code", "--redirect-uri", "https://site.example.com/back", "--auth-method", "private_key_jwt", "--jwks", keys,
            "--consent-type", "implicit", "--require-pkce", "false", "--require-par", "--post-logout-redirect-uri", "https://site.example.com/", "--backchannel-logout-uri", "https://site.example.com/out"])).Output.Should().Be("client_id site\n");
        (await ServerProcess.RunAsync(folder.Path, ["client", "list"])).Output.Should().Contain("\nsite\tconfidential\tactive\tauthorization_code\t\n");
        var refused = await ServerProcess.RunAsync(folder.Path, ["client", "change", "site", "--jwks", ""]);
        (refused.ExitCode, refused.Error.Contains("wants jwks", StringComparison.Ordinal)).Should().Be((1, true));
        (await ServerProcess.RunAsync(folder.Path, ["client", "change", "site", "--jwks", Path.Combine(folder.Path, "none.json")])).ExitCode.Should().Be(1);
        (await ServerProcess.RunAsync(folder.Path, ["client", "change", "site", "--name", "The site"])).ExitCode.Should().Be(0);
        await using var server = await TestServer.StartAsync(folder: folder.Path);
        var client = server.Get<TokenServer.Clients.ClientRegistry>().Find("site")!;
        (client.Name, client.RequiresPkce, client.RequiresPushedRequests, client.ConsentType, client.HasKeysOnly).Should().Be(("The site", false, true, "implicit", true), "what is not named stays");
    }

    [Fact]
    public async Task The_servers_own_client_is_nobodys_registration()
    {
        using var folder = await TestTemplate.FolderAsync();
        (await ServerProcess.RunAsync(folder.Path, ["client", "list"])).Output.Should().Contain("worker").And.NotContain("first-party");
    }

    [Fact]
    public async Task A_client_id_is_taken_once()
    {
        using var folder = await TestTemplate.FolderAsync();
        (await ServerProcess.RunAsync(folder.Path, ["client", "add", "robot"])).ExitCode.Should().Be(0);
        var again = await ServerProcess.RunAsync(folder.Path, ["client", "add", "robot"]);
        (again.ExitCode, again.Output).Should().Be((1, ""));
        again.Error.Should().Contain("client_id is taken");
    }

    private static string SecretIn(string output) => output.Split('\n').Single(l => l.StartsWith("client_secret ", StringComparison.Ordinal))["client_secret ".Length..];
}
