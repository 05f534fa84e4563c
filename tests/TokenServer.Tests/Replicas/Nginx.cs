using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>nginx before three replicas, by the configuration that is delivered, with this machine's ports and paths in place of its own.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    // It ends with the tests, however they end: at the end of its input.
    private const string UntilInputEnds = """ "$0" "$@" & nginx=$!; cat; kill "$nginx"; wait "$nginx" """;
    private static readonly TimeSpan Patience = Eventually.Never;
    private readonly TemporaryFolder folder = new();
    private readonly int port = FreePort();
    private Process? process;

    private Nginx()
    {
        var trusted = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { MakeCertificate() } };
        Way = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, SslOptions = { CertificateChainPolicy = trusted } };
    }

    public string Address => $"https://localhost:{port}";

    /// <summary>The way through it. It tells the replicas the address that the caller names, as an edge before it would have it.</summary>
    public HttpMessageHandler Way { get; }

    public static async Task<Nginx> StartAsync(ReplicaProcesses replicas)
    {
        var nginx = new Nginx();
        try
        {
            await nginx.BeginAsync(replicas);
            return nginx;
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Way.Dispose();
        if (process is not null)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        folder.Dispose();
    }

    private async Task BeginAsync(ReplicaProcesses replicas)
    {
        folder.Write("site.conf", await AdaptAsync(replicas));
        string temporary = string.Join(' ', ((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(n => $"{n}_temp_path {folder.Path}/{n};"));
        string main = folder.Write("nginx.conf", $$"""
            daemon off;
            worker_processes 1;
            pid {{folder.Path}}/pid;
            error_log {{folder.Path}}/error.log warn;
            events { worker_connections 4096; }
            http { {{temporary}} set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; include {{folder.Path}}/site.conf; }
            """);
        process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", UntilInputEnds, "nginx", "-e", folder.Path + "/error.log", "-p", folder.Path, "-c", main]) { RedirectStandardInput = true })!;
        using var http = Caller.Create(Way, Address, null);
        (await Eventually.TrueAsync(() => AnswersAsync(http), Patience)).Should().BeTrue(File.Exists(folder.Path + "/error.log") ? await File.ReadAllTextAsync(folder.Path + "/error.log") : "nginx did not start");
    }

    private async Task<string> AdaptAsync(ReplicaProcesses replicas)
    {
        string delivered = await File.ReadAllTextAsync(Path.Combine(SampleFiles.RepositoryRoot, "deploy", "nginx.conf"));
        var lines = delivered.Split('\n').Where(l => !l.Contains("listen [::]", StringComparison.Ordinal));
        string text = string.Join('\n', lines).Replace("listen 443 ssl", $"listen 127.0.0.1:{port} ssl", StringComparison.Ordinal).Replace("listen 80;", $"listen unix:{folder.Path}/plain;", StringComparison.Ordinal)
            .Replace("/etc/ssl/tokenserver/", folder.Path + "/", StringComparison.Ordinal).Replace("/var/log/nginx/", folder.Path + "/", StringComparison.Ordinal).Replace("id.example.com", "localhost", StringComparison.Ordinal);
        // Shorter than the replicas' DrainDelay, as it says itself; theirs is a second here.
        text = text.Replace("keepalive_timeout 2s", "keepalive_timeout 500ms", StringComparison.Ordinal);
        // However busy this machine is with other things, an answer that comes late is no failure of a replica's.
        text = text.Replace("proxy_read_timeout 30s", "proxy_read_timeout 10m", StringComparison.Ordinal).Replace("proxy_next_upstream_timeout 10s", "proxy_next_upstream_timeout 10m", StringComparison.Ordinal);
        for (int i = 0; i < ReplicaProcesses.Count; i++) text = text.Replace($"127.0.0.1:500{i + 1}", new Uri(replicas[i].Address).Authority, StringComparison.Ordinal);
        return text;
    }

    private X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        folder.Write("fullchain.pem", certificate.ExportCertificatePem());
        folder.Write("privkey.pem", key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            return (await http.CallAsync("GET", "/api/v2/healthz")).Status == 200;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
