using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TokenServer.Foundation;
using TokenServer.Hosting;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Hosting;

/// <summary>The settings as they are written: durations in one form, nothing that nobody can see, no section that there is not.</summary>
public sealed class SettingTextTests
{
    [Theory]
    [InlineData("TokenServer:Lifetimes:RefreshToken", "24:00:00", "24.00:00:00")]
    [InlineData("TokenServer:Lifetimes:Session", "90", "90.00:00:00")]
    [InlineData("TokenServer:Lifetimes:AccessToken", "1:30", "01:30:00")]
    [InlineData("TokenServer:DrainDelay", "0:0:3", "00:00:03")]
    [InlineData("TokenServer:Storage:VouchWhileStopped", "1:2:3:4", "1.02:03:04")]
    [InlineData("TokenServer:Keys:Active", "30.0:0", "30.00:00:00")]
    [InlineData("RateLimits:Api:Window", "1", "1.00:00:00")]
    [InlineData("RateLimits:Token:Window", "00:05", "00:05:00")]
    [InlineData("InstallLifecycle:KeyLifetime", "7:00:00:00", "7.00:00:00")]
    [InlineData("Audit:Retention", "400", "400.00:00:00")]
    [InlineData("Accounts:LockoutDuration", "5m", "is no duration")]
    [InlineData("Accounts:LockoutDuration", "300 s", "is no duration")]
    [InlineData("Accounts:LockoutDuration", "PT5M", "is no duration")]
    [InlineData("Accounts:LockoutDuration", "00:60:00", "is no duration")]
    public void A_duration_in_another_form_stops_the_start_which_says_what_it_would_have_been(string name, string value, string said) =>
        ProblemOf(name, value).Should().StartWith($"Setting {name}: '{value}'").And.Contain(said).And.Contain("[d.]hh:mm:ss");

    [Theory]
    [InlineData("TokenServer:Lifetimes:RefreshToken", "1.00:00:00")]
    [InlineData("TokenServer:Lifetimes:RefreshToken", "23:59:59")]
    [InlineData("TokenServer:DrainDelay", "00:00:00.5")]
    public void The_one_form_is_taken(string name, string value) => ProblemOf(name, value).Should().BeNull();

    [Theory]
    [InlineData("TokenServer:DataDirectory", "/dev/shm/da\u0000ta", "U+0000")]
    [InlineData("TokenServer:DataDirectory", "/dev/shm/da\u200Bta", "U+200B")]
    [InlineData("TokenServer:Issuer", "https://id.\rexample.com", "U+000D")]
    [InlineData("TokenServer:ImportFile", "\uFEFFimport.json", "U+FEFF")]
    [InlineData("ConnectionStrings:Default", "Data Source=a\tb.db", "U+0009")]
    [InlineData("Pin:HashFile", "pin\u202E.hash", "U+202E")]
    [InlineData("TokenServer:TrustedProxies:0", "127.0\n.0.1", "U+000A")]
    public void What_nobody_can_see_stops_the_start(string name, string value, string said) =>
        ProblemOf(name, value).Should().Contain(name).And.Contain(said);

    [Theory]
    [InlineData("TokenServer:Issuer", " https://id.example.com\r")]
    [InlineData("TokenServer:Lifetimes:AccessToken", "\t00:10:00 ")]
    [InlineData("TokenServer:TrustedProxies", "127.0.0.1 \n")]
    [InlineData("RateLimits:Login:Permits", " 7")]
    public void White_space_around_a_setting_goes_and_the_log_says_so(string name, string value)
    {
        var log = new CapturedLog();
        using var app = Build(log, name, value);
        Problem(app).Should().BeNull();
        app.Configuration[name].Should().Be(value.Trim());
        log.Lines.Should().Contain(l => l.StartsWith("Warning", StringComparison.Ordinal) && l.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public void A_data_directory_with_white_space_around_it_is_the_one_that_was_meant()
    {
        using var folder = new TemporaryFolder();
        using var app = Build(new CapturedLog(), "TokenServer:DataDirectory", folder.Path + "\r\n");
        app.Services.GetRequiredService<DataDirectory>().Resolve("x").Should().Be(Path.Combine(folder.Path, "x"));
    }

    [Theory]
    [InlineData("https://ID.example.com", "https://id.example.com:")]
    [InlineData("HTTPS://id.example.com", "https://id.example.com:")]
    [InlineData("https://id.example.com:443", "https://id.example.com:")]
    [InlineData("https://id.example.com.", "https://id.example.com:")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example:")]
    [InlineData("https://id.example.com/a/../b", "https://id.example.com/b:")]
    [InlineData("https://id.example.com/a//b", "single slashes")]
    [InlineData("https://id.example.com/a%20b", "letters, digits")]
    [InlineData("https://id.example.com?", "query")]
    [InlineData("https://id.example.com#", "fragment")]
    [InlineData("https://jane@id.example.com", "absolute")]
    [InlineData("id.example.com", "absolute")]
    public void An_issuer_is_canonical(string issuer, string said) => ProblemOf("TokenServer:Issuer", issuer).Should().Contain("TokenServer:Issuer").And.Contain(said);

    [Theory]
    [InlineData("https://id.example.com")]
    [InlineData("https://id.example.com/")]
    [InlineData("https://id.example.com:8443/tenant/a")]
    [InlineData("http://127.0.0.1:5000")]
    [InlineData("https://[2001:db8::1]")]
    public void A_canonical_issuer_is_taken(string issuer) => ProblemOf("TokenServer:Issuer", issuer).Should().BeNull();

    [Theory]
    [InlineData("Acounts:LockoutFailures", "Accounts")]
    [InlineData("RateLimit:Login:Permits", "RateLimits")]
    [InlineData("TokenSever:Issuer", "TokenServer")]
    [InlineData("Installifecycle:CodeLifetime", "InstallLifecycle")]
    [InlineData("ConnectionString:Default", "ConnectionStrings")]
    [InlineData("ConnectionStrings:Defualt", "ConnectionStrings:Default")]
    [InlineData("Logging:LogLevell:Default", "Logging:LogLevel")]
    [InlineData("Nonsense:At:All", "Nonsense")]
    public void A_section_that_there_is_not_stops_the_start(string name, string said) => ProblemOf(name, "1").Should().Contain(name).And.Contain(said);

    [Theory]
    [InlineData("Acounts__LockoutFailures", true)]
    [InlineData("npm_config__registry", false)]
    [InlineData("BASH_FUNC__module_raw%%", false)]
    public async Task The_environment_is_everybodys(string variable, bool isOurs)
    {
        using var folder = await TestTemplate.FolderAsync();
        var ended = await ServerProcess.RunAsync(folder.Path, ["keys", "list"], null, (variable, "1"));
        ended.ExitCode.Should().Be(isOurs ? 1 : 0, ended.Error);
    }

    [Fact]
    public void A_list_is_one_text_or_one_entry_at_a_time()
    {
        using var app = Build(new CapturedLog(), "TokenServer:TrustedProxies", "127.0.0.1, 10.0.0.0/8,::1");
        app.Services.GetRequiredService<TokenServerOptions>().TrustedProxies.Should().Equal("127.0.0.1", "10.0.0.0/8", "::1");
        using var other = Build(new CapturedLog(), "TokenServer:AllowedOrigins", "https://a.example,https://b.example");
        other.Services.GetRequiredService<TokenServerOptions>().AllowedOrigins.Should().Equal("https://a.example", "https://b.example");
        FluentActions.Invoking(() => Build(new CapturedLog(), "TokenServer:TrustedProxies", "127.0.0.1", "--TokenServer:TrustedProxies:0=::1"))
            .Should().Throw<SettingException>().WithMessage("Setting TokenServer:TrustedProxies: it is given twice*");
    }

    private static string? ProblemOf(string name, string value)
    {
        try
        {
            using var app = Build(new CapturedLog(), name, value);
            return Problem(app);
        }
        // HostOptions are built with the host, and are made of the settings.
        catch (Exception e) when (e is SettingException or OptionsValidationException)
        {
            return e.Message;
        }
    }

    private static string? Problem(WebApplication app)
    {
        try
        {
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            return null;
        }
        catch (OptionsValidationException e)
        {
            return e.Message;
        }
    }

    private static WebApplication Build(CapturedLog log, string name, string value, params string[] more) =>
        ServerHost.BuildParts(["--environment=Development", $"--{name}={value}", .. more], builder => builder.Logging.ClearProviders().AddProvider(log));
}
