using TokenServer.Tests.Support;

namespace TokenServer.Tests.Hosting;

/// <summary>A setting that makes no sense stops the start with a message that names it (contract section 8).</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("TokenServer:Lifetimes:AccessToken", "-00:05:00")]
    [InlineData("TokenServer:Lifetimes:AccessToken", "00:00:00")]
    [InlineData("TokenServer:Lifetimes:AccessToken", "8.00:00:00")]
    [InlineData("TokenServer:Lifetimes:AccessToken", "soon")]
    [InlineData("TokenServer:Lifetimes:IdentityToken", "00:00:00")]
    [InlineData("TokenServer:Lifetimes:RefreshToken", "-1.00:00:00")]
    [InlineData("TokenServer:Lifetimes:Session", "00:00:00")]
    [InlineData("TokenServer:Lifetimes:Session", "1.00:00:00")]
    [InlineData("TokenServer:Lifetimes:SessionToken", "00:00:00")]
    [InlineData("TokenServer:Lifetimes:TempToken", "02:00:00")]
    [InlineData("TokenServer:Lifetimes:PinToken", "-00:00:01")]
    [InlineData("TokenServer:Lifetimes:RefreshTokenReuseLeeway", "-00:00:01")]
    [InlineData("TokenServer:Keys:Active", "00:00:00")]
    [InlineData("TokenServer:Keys:Announced", "often")]
    [InlineData("TokenServer:Keys:Active", "90")]
    [InlineData("Acounts:LockoutFailures", "3")]
    [InlineData("TokenServer:Issuer", "https://id.example.com/\u0007")]
    [InlineData("TokenServer:Issuer", "nonsense")]
    [InlineData("TokenServer:Issuer", "ftp://id.example.com")]
    [InlineData("TokenServer:Issuer", "https://id.example.com?a=b")]
    [InlineData("TokenServer:RequireHttps", "perhaps")]
    [InlineData("TokenServer:TrustedProxies:0", "nonsense")]
    [InlineData("TokenServer:TrustedProxies:0", "10.0.0.0/99")]
    [InlineData("TokenServer:AllowedOrigins:0", "https://app.example.com/path")]
    [InlineData("TokenServer:AllowedOrigins:0", "*")]
    [InlineData("TokenServer:DrainDelay", "-00:00:01")]
    [InlineData("TokenServer:ShutdownTimeout", "00:00:00")]
    [InlineData("TokenServer:ImportFile", "absent.json")]
    [InlineData("TokenServer:Lifetimes:AcessToken", "01:00:00")]
    [InlineData("TokenServer:Isuer", "https://id.example.com")]
    [InlineData("Accounts:LockoutFailures", "0")]
    [InlineData("Accounts:LockoutFailures", "many")]
    [InlineData("Accounts:LockoutDuration", "00:00:00")]
    [InlineData("Accounts:LockoutDurations", "00:01:00")]
    [InlineData("RateLimits:Password:Permits", "0")]
    [InlineData("RateLimits:Token:Permits", "0")]
    [InlineData("RateLimits:Login:Window", "00:00:00")]
    [InlineData("RateLimits:Passwords", "1")]
    [InlineData("Passkeys:RelyingPartyId", "https://id.example.com")]
    [InlineData("Passkeys:RelyingPartyId", "Example.com")]
    [InlineData("Passkeys:RelyingParty", "example.com")]
    [InlineData("ConnectionStrings:Default", "Data Source=:memory:")]
    [InlineData("ConnectionStrings:Default", "Nonsense=1")]
    [InlineData("TokenServer:DataDirectory", "/dev/null/data")]
    [InlineData("Logging:LogLevel:Default", "Loud")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")]
    [InlineData("ASPNETCORE_URLS", "nonsense")]
    public async Task A_setting_that_makes_no_sense_stops_the_start_and_is_named(string name, string value)
    {
        using var folder = new TemporaryFolder();
        string[] address = name == "ASPNETCORE_URLS" ? [] : ["--urls=http://127.0.0.1:0"];
        var ended = await ServerProcess.RunAsync(folder.Path, ["serve", .. address], null, (name, value));
        ended.ExitCode.Should().Be(1);
        string shown = name.EndsWith(":0", StringComparison.Ordinal) ? name[..^2] : name;
        // The framework names an unknown setting by its last part, in quotes, and an address by itself.
        string[] names = [shown, $"'{shown[(shown.LastIndexOf(':') + 1)..]}'", $"'{value}'"];
        names.Should().Contain(n => ended.Error.Contains(n, StringComparison.Ordinal), "{0} should be named in {1}", name, ended.Error);
        (ended.Error + ended.Output).Should().NotContain("   at ").And.NotContain("Now listening");
    }

    [Theory]
    [InlineData("other.com", "https://id.example.com")]
    [InlineData("ample.com", "https://id.example.com")]
    [InlineData("login.id.example.com", "https://id.example.com")]
    [InlineData("example.com", "https://192.0.2.1")]
    public async Task Passkeys_are_for_no_domain_but_the_issuers_or_a_parent_of_it(string domain, string issuer)
    {
        using var folder = new TemporaryFolder();
        var ended = await ServerProcess.RunAsync(folder.Path, ["serve", "--urls=http://127.0.0.1:0"], null,
            ("TokenServer:Issuer", issuer), ("Passkeys:RelyingPartyId", domain));
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain("Passkeys:RelyingPartyId").And.NotContain("   at ");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://id.example.com")]
    public async Task Production_demands_an_https_issuer(string? issuer)
    {
        using var folder = new TemporaryFolder();
        var ended = await ServerProcess.RunAsync(folder.Path, ["serve", "--urls=http://127.0.0.1:0"], null, ("ASPNETCORE_ENVIRONMENT", "Production"), ("TokenServer:Issuer", issuer));
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain("TokenServer:Issuer").And.Contain("https").And.NotContain("   at ");
    }

    [Theory]
    [InlineData("Prod")]
    [InlineData("Live")]
    [InlineData("Staging")]
    [InlineData("Production ")]
    [InlineData("Development ")]
    [InlineData("Developement")]
    [InlineData("Test")]
    public async Task Any_environment_but_Development_has_the_rules_of_Production(string environment)
    {
        using var folder = new TemporaryFolder();
        var ended = await ServerProcess.RunAsync(folder.Path, ["serve", "--urls=http://127.0.0.1:0"], null, ("ASPNETCORE_ENVIRONMENT", environment));
        (ended.ExitCode, ended.Error.Contains("TokenServer:Issuer", StringComparison.Ordinal)).Should().Be((1, true));
        await using var server = await TestServer.StartAsync([$"--environment={environment}", "--TokenServer:Issuer=https://id.example.com"]);
        (await server.SignInAsync()).Status.Should().Be(400, "plain HTTP is refused");
    }

    [Fact]
    public async Task Production_is_what_is_assumed_where_nothing_is_said()
    {
        using var folder = new TemporaryFolder();
        var ended = await ServerProcess.RunAsync(folder.Path, ["serve", "--urls=http://127.0.0.1:0"], null, ("ASPNETCORE_ENVIRONMENT", null));
        (ended.ExitCode, ended.Error.Contains("TokenServer:Issuer", StringComparison.Ordinal)).Should().Be((1, true));
    }

    [Theory]
    [InlineData("InstallLifecycle:HostKeyProof", "perhaps", "Setting InstallLifecycle:HostKeyProof: 'perhaps' is not one of: offered, required, off")]
    [InlineData("InstallLifecycle:HostKeyProof", "7", "Setting InstallLifecycle:HostKeyProof: must be one of: offered, required, off")]
    [InlineData("TokenServer:RequireHttps", "perhaps", "Setting TokenServer:RequireHttps: 'perhaps' is not true or false")]
    [InlineData("Accounts:LockoutFailures", "many", "Setting Accounts:LockoutFailures: 'many' is not a whole number, or is too large")]
    public async Task What_is_said_has_the_words_that_may_be_there_and_no_type(string name, string value, string said)
    {
        using var folder = new TemporaryFolder();
        var ended = await ServerProcess.RunAsync(folder.Path, ["serve", "--urls=http://127.0.0.1:0"], null, (name, value));
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain(said).And.NotContain("System.").And.NotContain("to type");
    }
}
