using System.Text.Json;
using InstallLifecycle;
using TokenServer.Tests.Contract;
using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>What introspection says of precheck, install and server tokens, to whom, and when it says no more (contract section 1).</summary>
public sealed class InstallIntrospectionTests
{
    private const string Inactive = """{"active":false}""";

    [Fact]
    public async Task Precheck_and_install_tokens_are_for_install_and_tell_their_times()
    {
        await using var server = await InstallServer.StartAsync();
        var install = await new Installation(server).UpToAsync(Activate);
        long now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (var (token, use, subject) in ((string, string, string)[])[(install.PrecheckToken, "precheck", install.MachineId), (install.InstallToken, "install", install.ActivationId)])
            (await server.IntrospectAsync(token, "fleet")).ShouldBe(200, $$"""
                {"active":true,"iss":"{{server.Address}}","sub":"{{subject}}","aud":"install","exp":{{now + 600}},"iat":{{now}},"jti":"{{Jwt.Claims(token).Text("jti")}}","token_use":"{{use}}"}
                """);
    }

    [Fact]
    public async Task A_server_token_is_for_servers_and_has_no_end()
    {
        await using var server = await InstallServer.StartAsync();
        var install = await new Installation(server).UpToAsync(Confirm);
        server.Clock.Advance(TimeSpan.FromDays(1));
        (await server.IntrospectAsync(install.ServerToken, "fleet")).ShouldBe(200, $$"""
            {"active":true,"iss":"{{server.Address}}","sub":"{{install.ServerId}}","aud":"servers","iat":{{(server.Clock.GetUtcNow() - TimeSpan.FromDays(1)).ToUnixTimeSeconds()}},"jti":"<text>","token_use":"server"}
            """);
    }

    [Fact]
    public async Task They_are_told_only_to_clients_of_their_audience()
    {
        await using var server = await InstallServer.StartAsync();
        await server.AddIntrospectorAsync("of-installs", "install");
        await server.AddIntrospectorAsync("of-servers", "servers");
        var install = await new Installation(server).UpToAsync(Register);
        foreach (string token in (string[])[install.PrecheckToken, install.InstallToken, install.ServerToken])
        {
            string knows = token == install.ServerToken ? "of-servers" : "of-installs", doesNot = token == install.ServerToken ? "of-installs" : "of-servers";
            (await server.IsActiveAsync(token, knows)).Should().BeTrue();
            foreach (string client in (string[])["api", "web", doesNot]) (await server.IntrospectAsync(token, client)).Body.Should().Be(Inactive, client);
            (await server.IntrospectAsync(token, "panel"))["error"].Should().Be("unauthorized_client");
        }
    }

    [Fact]
    public async Task A_token_is_told_to_the_client_that_it_was_issued_to()
    {
        await using var server = await InstallServer.StartAsync();
        await server.Get<TokenServer.Clients.ClientRegistry>().AddAsync(
            new() { ClientId = "curious", ClientSecret = TestImport.Secret, GrantTypes = [InstallRequests.GrantType], Audiences = ["api"], Introspection = true }, "test");
        var granted = await server.GrantAsync(await new Installation(server).UpToAsync(Precheck), "curious");
        var told = await server.IntrospectAsync(granted["access_token"]!, "curious");
        (told["active"], told["token_use"], told["client_id"]).Should().Be(("True", "install", "curious"));
    }

    [Theory]
    [InlineData("confirmed", false, false, true)]
    [InlineData("released", false, false, false)]
    [InlineData("expired", false, false, false)]
    [InlineData("expired and pruned", false, false, false)]
    [InlineData("code revoked", false, false, false)]
    [InlineData("server revoked", true, true, false)]
    [InlineData("registered again", true, true, false)]
    [InlineData("keys rotated", true, true, true)]
    [InlineData("keys replaced", false, false, false)]
    [InlineData("keys replaced after confirm", false, false, true)]
    public async Task What_ends_a_token_ends_it_there_at_once(string what, bool precheck, bool install, bool serverToken)
    {
        await using var server = await InstallServer.StartAsync();
        var one = await new Installation(server).UpToAsync(Register);
        string token = one.ServerToken;
        var lifecycle = server.Get<Lifecycle>();
        if (what.EndsWith("after confirm", StringComparison.Ordinal)) await one.DoAsync(Confirm);
        if (what.StartsWith("expired", StringComparison.Ordinal)) server.Clock.Advance(TimeSpan.FromMinutes(10));
        await (what switch
        {
            "confirmed" => one.DoAsync(Confirm),
            "released" => one.DoAsync(Release),
            "expired and pruned" => lifecycle.ExpireAsync(CancellationToken.None),
            "code revoked" => server.RevokeLastCodeAsync(),
            "server revoked" => one.DoAsync(Revoke),
            "registered again" => one.DoAsync(Register),
            "keys rotated" => lifecycle.RotateKeysAsync(new Caller("", "", "", "test")),
            "keys replaced" or "keys replaced after confirm" => lifecycle.ReplaceKeysAsync(new Caller("", "", "", "test")),
            _ => Task.CompletedTask,
        });
        (await server.IsActiveAsync(one.PrecheckToken, "fleet"), await server.IsActiveAsync(one.InstallToken, "fleet"), await server.IsActiveAsync(token, "fleet")).Should().Be((precheck, install, serverToken));
        if (what == "registered again") (await server.IsActiveAsync(one.ServerToken, "fleet")).Should().BeTrue();
    }

    [Fact]
    public async Task Of_an_earlier_binding_of_its_code_a_precheck_token_stays_dead()
    {
        await using var server = await InstallServer.StartAsync();
        var install = await new Installation(server).UpToAsync(Activate);
        string first = install.PrecheckToken;
        await install.DoAsync(Release);
        (await install.DoAsync(Precheck)).Status.Should().Be(200);
        (await server.IsActiveAsync(first, "fleet"), await server.IsActiveAsync(install.PrecheckToken, "fleet")).Should().Be((false, true));
    }

    [Fact]
    public async Task A_token_that_was_changed_is_inactive()
    {
        await using var server = await InstallServer.StartAsync();
        var install = await new Installation(server).UpToAsync(Register);
        foreach (string token in (string[])[install.PrecheckToken, install.InstallToken, install.ServerToken])
            foreach (int at in (int[])[token.IndexOf('.') + 3, token.LastIndexOf('.') + 5, token.Length / 2])
                (await server.IntrospectAsync(token[..at] + (token[at] == 'A' ? 'B' : 'A') + token[(at + 1)..], "fleet")).Body.Should().Be(Inactive);
        string[] precheck = install.PrecheckToken.Split('.'), own = install.InstallToken.Split('.');
        (await server.IntrospectAsync($"{own[0]}.{precheck[1]}.{precheck[2]}", "fleet")).Body.Should().Be(Inactive);
        (await server.IntrospectAsync(Jwt.Make("""{"alg":"none","typ":"install+jwt"}""", JsonSerializer.Serialize(Jwt.Claims(install.InstallToken)), _ => []), "fleet")).Body.Should().Be(Inactive);
    }
}
