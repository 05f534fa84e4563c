using System.Text.Json;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Telemetry;

/// <summary>What the program writes to standard output.</summary>
public sealed class LogFormatTests
{
    private static readonly (string, string?)[] Production =
        [("ASPNETCORE_ENVIRONMENT", "Production"), ("TokenServer:Issuer", "https://id.example.com"), ("TokenServer:RequireHttps", "false"), ("TokenServer:ImportFile", "import.json"),
            // Where a database is shared, a warning would come first.
            ("TokenServer:MasterKey", Convert.ToBase64String(new byte[32]))];

    [Fact]
    public async Task In_Production_each_line_is_a_JSON_object_with_a_UTC_time_its_trace_and_no_secret()
    {
        using var folder = Imported();
        await using var server = await ServerProcess.StartAsync(folder.Path, [.. Production, ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft", "Trace")]);
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        server.Http.DefaultRequestHeaders.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01");
        var signedIn = await SignInAsync(server);
        signedIn.Status.Should().Be(200);
        string refresh = signedIn["refresh_token"]!;
        await server.PostAsync("/connect/token", "web", "a-wrong-secret", ("grant_type", "refresh_token"), ("refresh_token", refresh));
        await server.TerminateAsync();
        (await server.WaitAsync()).Should().Be(0);
        var lines = server.Output.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        lines.Should().HaveCountGreaterThan(10).And.OnlyContain(l => l.GetProperty("Timestamp").GetString()!.EndsWith('Z') && l.GetProperty("LogLevel").GetString() != "" && l.GetProperty("Message").GetString() != null);
        lines.Should().Contain(l => l.GetProperty("Scopes").ToString().Contains(Trace, StringComparison.Ordinal));
        string all = string.Join('\n', server.Output) + server.Error;
        foreach (string secret in (string[])[TestImport.Password, TestImport.Secret, "a-wrong-secret", refresh, signedIn["access_token"]!])
            all.Should().NotContain(secret).And.NotContain(Uri.EscapeDataString(secret));
    }

    [Fact]
    public async Task Elsewhere_it_is_for_people()
    {
        using var folder = Imported();
        await using var server = await ServerProcess.StartAsync(folder.Path);
        server.Output.Should().Contain(line => line.StartsWith("info: ", StringComparison.Ordinal)).And.NotContain(line => line.StartsWith('{'));
    }

    [Theory]
    [InlineData("Production", "simple", "info: ")]
    [InlineData("Development", "json", "{")]
    public async Task The_setting_outweighs_the_environment(string environment, string formatter, string start)
    {
        using var folder = Imported();
        await using var server = await ServerProcess.StartAsync(folder.Path, [.. Production, ("ASPNETCORE_ENVIRONMENT", environment), ("Logging:Console:FormatterName", formatter)]);
        server.Output[0].Should().StartWith(start);
    }

    private static Task<Answer> SignInAsync(ServerProcess server) => server.PostAsync("/connect/token", "web", TestImport.Secret,
        ("grant_type", "password"), ("username", "jane"), ("password", TestImport.Password), ("scope", "openid offline_access"));

    private static TemporaryFolder Imported()
    {
        var folder = new TemporaryFolder();
        folder.Write("import.json", TestImport.Json);
        return folder;
    }
}
