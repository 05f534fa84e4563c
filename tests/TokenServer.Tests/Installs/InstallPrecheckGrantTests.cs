using TokenServer.Clients;
using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>urn:tokenserver:grant-type:install_precheck: the activation of the install API, in OAuth's words (contract sections 1 and 5).</summary>
public sealed class InstallPrecheckGrantTests(InstallServer shared) : IClassFixture<InstallServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task The_answer_is_the_install_token_with_its_activation_and_nothing_of_a_session()
    {
        var install = await new Installation(server).UpToAsync(Precheck);
        var answer = await server.GrantAsync(install);
        answer.ShouldBe(200, $$$"""
            {"access_token":"<jwt>","token_type":"Bearer","expires_in":600,"activation_id":"/^act_[0-9a-f]{16}$/",
             "machine_binding":{"hostname":"{{{install.Hostname}}}","public_ip":"{{{install.PublicIp}}}","machine_id":"{{{install.MachineId}}}","ssh_fingerprint":"{{{install.SshFingerprint}}}"}}
            """);
        answer.Headers.Pragma.ToString().Should().Be("no-cache");
    }

    [Fact]
    public async Task What_a_client_got_dies_with_it()
    {
        await using var own = await InstallServer.StartAsync();
        var install = await new Installation(own).UpToAsync(Precheck);
        install.Take(await own.GrantAsync(install));
        own.Get<InstallLifecycle.Lifecycle>().FindToken(install.InstallToken).Should().NotBeNull();
        (await own.Get<ClientRegistry>().RevokeAsync("panel", "test")).Should().BeTrue();
        own.Get<InstallLifecycle.Lifecycle>().FindToken(install.InstallToken).Should().BeNull();
        (await install.DoAsync(Register)).Body.Should().Be("""{"error":"install_token_invalid"}""");
        (await install.DoAsync(Confirm)).ShouldRefuse(401, "install_token_invalid");
        own.Clock.Advance(TimeSpan.FromSeconds(1));
        await own.Get<ClientRegistry>().RestoreAsync("panel", "test");
        (await install.DoAsync(Confirm)).ShouldRefuse(401, "install_token_invalid");
    }

    [Theory]
    [InlineData(Confirm)]
    [InlineData(Register)]
    [InlineData(Release)]
    public async Task Its_token_is_the_one_that_the_rest_of_the_install_takes(string step)
    {
        var install = await ActivateAsync(await new Installation(server).UpToAsync(Precheck), byGrant: true);
        Jwt.Header(install.InstallToken).Text("typ").Should().Be("install+jwt");
        (await install.DoAsync(step)).Status.Should().BeInRange(200, 201);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_repeat_by_either_way_is_the_same_activation_with_a_fresh_token(bool first)
    {
        var install = await ActivateAsync(await new Installation(server).UpToAsync(Precheck), first);
        var (activation, token) = (install.ActivationId, install.InstallToken);
        foreach (bool byGrant in (bool[])[!first, first])
        {
            await ActivateAsync(install, byGrant);
            install.ActivationId.Should().Be(activation);
            install.InstallToken.Should().NotBe(token);
        }
        install.InstallToken = token;
        (await install.DoAsync(Confirm)).Status.Should().Be(200, "older tokens stay good");
    }

    [Theory]
    [InlineData("installer", null)]
    [InlineData(null, "panel")]
    public async Task Public_and_confidential_clients_may_use_it_and_show_themselves_in_the_form_too(string? publicClient, string? postClient)
    {
        var install = await new Installation(server).UpToAsync(Precheck);
        (string, string)[] client = publicClient is null ? [("client_id", postClient!), ("client_secret", TestImport.Secret)] : [("client_id", publicClient)];
        (await server.GrantAsync(install, null, client)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("panel", "wrong")]
    [InlineData("panel", "")]
    [InlineData("installer", "made up")]
    [InlineData("stranger", "")]
    [InlineData("", "")]
    public async Task Who_is_no_client_is_told_so_and_activates_nothing(string client, string secret)
    {
        var install = await new Installation(server).UpToAsync(Precheck);
        var answer = await server.GrantAsync(install, null, ("client_id", client), ("client_secret", secret));
        (answer.Status, answer["error"]).Should().Be((401, "invalid_client"));
        Activations().Should().NotContain(install.MachineId);
    }

    [Theory]
    [InlineData("web", false)]
    [InlineData("worker", false)]
    [InlineData("mobile", true)]
    public async Task A_client_that_does_not_list_it_may_not_use_it_and_activates_nothing(string client, bool isPublic)
    {
        var install = await new Installation(server).UpToAsync(Precheck);
        var answer = isPublic ? await server.GrantAsync(install, null, ("client_id", client)) : await server.GrantAsync(install, client);
        (answer.Status, answer["error"]).Should().Be((400, "unauthorized_client"));
        Activations().Should().NotContain(install.MachineId);
    }

    [Fact]
    public async Task It_is_listed_in_both_metadata_documents()
    {
        foreach (string path in (string[])["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"])
            (await server.Http.CallAsync("GET", path)).Json.Texts("grant_types_supported").Should().Contain(InstallRequests.GrantType);
    }

    [Theory]
    [InlineData("install_code")]
    [InlineData("precheck_token")]
    [InlineData("hostname")]
    [InlineData("public_ip")]
    [InlineData("machine_id")]
    [InlineData("ssh_fingerprint")]
    [InlineData("requested_ref")]
    [InlineData("installer_version")]
    public async Task Each_parameter_is_required_in_the_form_once(string name)
    {
        var install = await new Installation(server).UpToAsync(Precheck);
        var missing = await server.GrantAsync(install, "panel", (name, ""));
        (missing.Status, missing["error"]).Should().Be((400, "invalid_request"));
        missing["error_description"].Should().Contain(name);

        string value = install.ActivationFields[name];
        (string, string)[] form = [("grant_type", InstallRequests.GrantType), .. install.ActivationFields.Select(f => (f.Key, f.Value))];
        (await server.TokenAsync("panel", [.. form, (name, value)]))["error"].Should().Be("invalid_request", "twice is once too often");
        var inAddress = await server.PostAsync($"/connect/token?{name}={Uri.EscapeDataString(value)}", "panel", [.. form.Where(f => f.Item1 != name)]);
        (inAddress.Status, inAddress["error"]).Should().Be((400, "invalid_request"), "the address is not read");
        Activations().Should().NotContain(install.MachineId);
    }

    [Theory]
    [InlineData("public_ip", "10.0.0.1")]
    [InlineData("hostname", "localhost")]
    [InlineData("machine_id", "xyz")]
    [InlineData("ssh_fingerprint", "MD5:aa")]
    [InlineData("requested_ref", "-x")]
    [InlineData("installer_version", "123456789012345678901234567890123")]
    public async Task What_the_API_answers_with_400_is_invalid_request_and_names_the_parameter(string name, string value)
    {
        var install = await new Installation(server).UpToAsync(Precheck);
        var answer = await server.GrantAsync(install, "panel", (name, value));
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"));
        answer["error_description"].Should().Contain(name).And.MatchRegex("^[ -~]+$").And.NotContain(value);
    }

    [Fact]
    public async Task Credentials_in_the_address_are_not_read()
    {
        var install = await new Installation(server).UpToAsync(Precheck);
        (string, string)[] form = [("grant_type", InstallRequests.GrantType), .. install.ActivationFields.Select(f => (f.Key, f.Value))];
        (await server.PostAsync("/connect/token?client_id=installer", null, form))["error"].Should().Be("invalid_client");
        (await server.PostAsync("/connect/token?client_id=panel&client_secret=" + Uri.EscapeDataString(TestImport.Secret), null, form))["error"].Should().Be("invalid_client");
        (await server.PostAsync("/connect/token?precheck_token=garbage&install_code=garbage", "panel", form)).Status.Should().Be(200, "nor do they stand against those in the form");
    }

    [Fact]
    public async Task A_scope_is_checked_first_and_granted_never()
    {
        var install = await new Installation(server).UpToAsync(Precheck);
        (await server.GrantAsync(install, "panel", ("scope", "admin")))["error"].Should().Be("invalid_scope");
        var answer = await server.GrantAsync(install, "panel", ("scope", "api"), ("product", "unknown parameters are ignored"));
        (answer.Status, answer["scope"]).Should().Be((200, null));
    }

    private async Task<Installation> ActivateAsync(Installation install, bool byGrant)
    {
        if (!byGrant) return await DoneAsync(install);
        var answer = await server.GrantAsync(install);
        answer.Status.Should().Be(200, answer.Body);
        install.Take(answer);
        return install;
    }

    private static async Task<Installation> DoneAsync(Installation install)
    {
        (await install.DoAsync(Activate)).Status.Should().Be(200);
        return install;
    }

    // The machines that have one.
    private List<string> Activations() => server.Get<TokenServer.Storage.Database>().Read(s => s.All("""SELECT "MachineId" FROM "InstallActivations" """, r => r.GetString(0)));
}
