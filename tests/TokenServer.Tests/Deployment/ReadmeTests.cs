using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Deployment;

/// <summary>README's lines for Production start a server that serves, as they are written; only folders and ports are others here.</summary>
public sealed class ReadmeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NeedsCommandFact(NginxProcess.Program)]
    public async Task Behind_nginx()
    {
        var settings = Settings("TokenServer__TrustedProxies");
        await TestTemplate.CopyAsync(folder.Path);
        await using var server = await ServerProcess.StartAtAsync($"http://127.0.0.1:{DeploymentFiles.FreePort()}", folder.Path, settings);
        await using var nginx = await NginxProcess.StartAsync([new Uri(server.Address).Port]);
        await ShouldServeAsync(nginx.Http);
    }

    [Fact]
    public async Task Alone_with_a_certificate()
    {
        var settings = Settings("Kestrel__Certificates__Default__KeyPath");
        await TestTemplate.CopyAsync(folder.Path);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256) { CertificateExtensions = { names.Build() } }.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        folder.Write("fullchain.pem", certificate.ExportCertificatePem());
        folder.Write("privkey.pem", key.ExportPkcs8PrivateKeyPem());
        await using var server = await ServerProcess.StartAtAsync("https://127.0.0.1:0", folder.Path, settings);
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = DeploymentFiles.Trusting(certificate) }) { BaseAddress = new Uri($"https://localhost:{new Uri(server.Address).Port}") };
        await ShouldServeAsync(http);
    }

    // The one line for Production that has this setting.
    private (string, string?)[] Settings(string setting)
    {
        string line = File.ReadLines(Path.Combine(SampleFiles.RepositoryRoot, "README.md"))
            .Single(l => l.StartsWith("    ASPNETCORE_ENVIRONMENT=Production ", StringComparison.Ordinal) && l.Contains(setting, StringComparison.Ordinal));
        line.Should().EndWith(" /opt/tokenserver/TokenServer");
        return [.. line.Trim().Split(' ')[..^1].Select(word => word.Split('=', 2)).Where(parts => parts[0] != "ASPNETCORE_URLS")
            .Select(parts => (parts[0], (string?)parts[1].Replace("/var/lib/tokenserver", folder.Path, StringComparison.Ordinal).Replace("/etc/ssl/tokenserver", folder.Path, StringComparison.Ordinal)))];
    }

    private static async Task ShouldServeAsync(HttpClient http)
    {
        (await http.GetStringAsync("/.well-known/openid-configuration")).Should().Contain("\"issuer\":\"https://id.example.com\"");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]) };
        request.Headers.Authorization = OAuth.Basic("worker", TestImport.Secret);
        using var response = await http.SendAsync(request);
        (await response.Content.ReadAsStringAsync()).Should().Contain("access_token");
    }
}
