using TokenServer.Tests.Faces;
using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>Every kind of token at every place of the lifecycle that takes one: only the kind, and the token, that is due is taken (contract section 5).</summary>
public sealed class TokenPlaceTests(EveryTokenServer tokens) : IClassFixture<EveryTokenServer>
{
    public static TheoryData<string> Kinds => [.. EveryTokenServer.Kinds];
    public static TheoryData<string> NotInstall => [.. EveryTokenServer.Kinds.Where(k => k != "install")];
    public static TheoryData<string> NotServer => [.. EveryTokenServer.Kinds.Where(k => k != "server")];
    public static TheoryData<string> Installs => [.. EveryTokenServer.Installs];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Activate_takes_no_token_but_the_codes_own_precheck_token(string kind)
    {
        var install = await new Installation(tokens.Server).UpToAsync(Precheck);
        string own = install.PrecheckToken;
        install.PrecheckToken = tokens[kind];
        (await install.DoAsync(Activate)).ShouldRefuse(401, "precheck_token_invalid");
        install.PrecheckToken = own;
        (await install.DoAsync(Activate)).Status.Should().Be(200);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Confirm_and_release_take_no_token_but_the_activations_own_install_token(string kind)
    {
        var install = await new Installation(tokens.Server).UpToAsync(Activate);
        string own = install.InstallToken;
        install.InstallToken = tokens[kind];
        (await install.DoAsync(Confirm)).ShouldRefuse(401, "install_token_invalid");
        (await install.DoAsync(Release)).ShouldRefuse(401, "install_token_invalid");
        install.InstallToken = own;
        (await install.DoAsync(Confirm)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Nor_do_they_take_the_installs_own_precheck_and_server_token()
    {
        var install = await new Installation(tokens.Server).UpToAsync(Register);
        foreach (string token in (string[])[install.PrecheckToken, install.ServerToken])
        {
            install.InstallToken = token;
            (await install.DoAsync(Confirm)).ShouldRefuse(401, "install_token_invalid");
            (await install.DoAsync(Register)).ShouldRefuseFlat(401, "install_token_invalid");
        }
    }

    [Theory]
    [MemberData(nameof(NotInstall))]
    public async Task Register_takes_install_tokens_only(string kind)
    {
        var install = new Installation(tokens.Server) { InstallToken = tokens[kind] };
        (await install.DoAsync(Register)).ShouldRefuseFlat(401, "install_token_invalid");
    }

    [Fact]
    public async Task Register_takes_no_other_machines_install_token()
    {
        var install = new Installation(tokens.Server) { InstallToken = tokens["install"] };
        (await install.DoAsync(Register)).ShouldRefuseFlat(409, "machine_mismatch");
    }

    [Theory]
    [MemberData(nameof(NotServer))]
    public async Task Checkin_and_status_take_server_tokens_only(string kind)
    {
        foreach (var (method, path) in ((string, string)[])[("POST", "/checkin"), ("GET", "/status")])
        {
            var answer = await tokens.Server.CallAsync(method, path, tokens[kind]);
            answer.ShouldRefuseFlat(401, "invalid_token");
            answer.Headers.WwwAuthenticate.ToString().Should().Be("Bearer realm=\"SlowDNS\", error=\"invalid_token\"");
        }
    }

    [Theory]
    [MemberData(nameof(NotServer))]
    public async Task Revoke_takes_server_tokens_and_administrators_access_tokens_only(string kind)
    {
        var install = await new Installation(tokens.Server).UpToAsync(Register);
        bool isAccess = EveryTokenServer.Sessions.Contains(kind) || kind.StartsWith("client's own", StringComparison.Ordinal);
        var answer = await tokens.Server.CallAsync("POST", "/revoke", tokens[kind], new { server_id = install.ServerId });
        if (isAccess) answer.ShouldRefuseFlat(403, "insufficient_scope");
        else answer.ShouldRefuseFlat(401, "invalid_token");
        (await install.DoAsync(CheckIn)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_server_token_is_taken_where_it_is_due()
    {
        (await tokens.Server.CallAsync("POST", "/checkin", tokens["server"])).Status.Should().Be(200);
        (await tokens.Server.CallAsync("GET", "/status", tokens["server"]))["status"].Should().Be("active");
    }

    [Theory]
    [MemberData(nameof(Installs))]
    public async Task Connect_revoke_knows_no_token_of_an_install(string kind)
    {
        foreach (string client in (string[])["web", "worker", "api"])
            (await tokens.Server.PostAsync("/connect/revoke", client, ("token", tokens[kind]))).Status.Should().Be(200);
        tokens.Server.Get<InstallLifecycle.Lifecycle>().FindToken(tokens[kind])!.Use.Should().Be(kind, "it lives on");
    }

    [Theory]
    [MemberData(nameof(Installs))]
    public async Task UserInfo_reads_none_from_a_form_either(string kind) =>
        (await tokens.Server.PostAsync("/connect/userinfo", null, ("access_token", tokens[kind]))).Status.Should().Be(401);

    [Fact]
    public async Task A_server_token_is_read_from_the_header_only()
    {
        string token = Uri.EscapeDataString(tokens["server"]);
        string query = $"?access_token={token}&server_token={token}&token={token}&authorization=Bearer%20{token}";
        (await tokens.Server.CallAsync("POST", "/checkin" + query)).ShouldRefuseFlat(401, "invalid_token");
        (await tokens.Server.CallAsync("POST", "/revoke" + query)).ShouldRefuseFlat(401, "invalid_token");
        (await tokens.Server.CallAsync("GET", "/status" + query)).ShouldBe(200, """{"status":"ok"}""");
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic {0}")]
    [InlineData("{0}")]
    [InlineData("Bearer {0} {0}")]
    [InlineData("Bearer {0}x")]
    [InlineData("Bearer {0}=")]
    public async Task A_header_that_is_no_Bearer_header_with_one_token_is_refused(string header)
    {
        (string, string) authorization = ("Authorization", string.Format(header, tokens["server"]));
        (await tokens.Server.CallAsync("POST", "/checkin", null, null, authorization)).ShouldRefuseFlat(401, "invalid_token");
        (await tokens.Server.CallAsync("GET", "/status", null, null, authorization)).ShouldRefuseFlat(401, "invalid_token");
    }
}
