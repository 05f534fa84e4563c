using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Deployment;

/// <summary>nginx with the site as it is delivered, only on other ports and in a temporary folder.</summary>
internal sealed class NginxProcess : IAsyncDisposable
{
    public const string Program = "nginx";

    /// <summary>Where its clients are, so that their address is not that of nginx itself.</summary>
    public const string ClientAddress = "127.0.0.2";
    private readonly Process process;
    private readonly TemporaryFolder folder;
    private readonly int port;
    private readonly SslClientAuthenticationOptions trust;

    private NginxProcess(Process process, TemporaryFolder folder, int port)
    {
        (this.process, this.folder, this.port) = (process, folder, port);
        trust = DeploymentFiles.Trusting(X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder.Path, "fullchain.pem")));
        trust.TargetHost = "localhost";
        Http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync, SslOptions = trust, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri($"https://localhost:{port}"),
        };
    }

    public HttpClient Http { get; }

    /// <summary>What is in its access log.</summary>
    public string AccessLog => File.ReadAllText(Path.Combine(folder.Path, "tokenserver.log"));

    /// <summary>Starts it and returns when it answers.</summary>
    /// <param name="upstreams">The replicas' ports, one to three.</param>
    /// <param name="adapt">A change to make to the site.</param>
    public static async Task<NginxProcess> StartAsync(int[] upstreams, Func<string, string>? adapt = null)
    {
        var folder = new TemporaryFolder();
        int port = DeploymentFiles.FreePort();
        string site = Site(folder, port, upstreams);
        string configuration = Write(folder, adapt?.Invoke(site) ?? site);
        var process = Process.Start(new ProcessStartInfo(Program, ["-p", folder.Path, "-c", configuration]) { RedirectStandardError = true })!;
        var nginx = new NginxProcess(process, folder, port);
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        if (await Eventually.TrueAsync(nginx.AcceptsAsync, Eventually.Never)) return nginx;
        string said = File.ReadAllText(Path.Combine(folder.Path, "error.log"));
        await nginx.DisposeAsync();
        throw new InvalidOperationException("nginx did not start: " + said);
    }

    /// <summary>Has nginx read the configuration; what it says of it.</summary>
    public static async Task<(int Code, string Said)> CheckAsync()
    {
        using var folder = new TemporaryFolder();
        return await Command.RunAsync(Program, ["-t", "-p", folder.Path, "-c", Write(folder, Site(folder, DeploymentFiles.FreePort(), [DeploymentFiles.FreePort()]))]);
    }

    /// <summary>Sends a request and reads the answer.</summary>
    public async Task<Answer> SendAsync(string method, string path, HttpContent? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    /// <summary>Sends bytes by TLS, as they are, and reads to the end.</summary>
    public async Task<RawAnswer> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(trust);
        return await ExchangeAsync(tls, request);
    }

    /// <summary>Sends bytes to the port without TLS, as they are, and reads to the end.</summary>
    public async Task<RawAnswer> SendPlainAsync(string request)
    {
        using var socket = await ConnectPlainAsync();
        await using var stream = new NetworkStream(socket);
        return await ExchangeAsync(stream, request);
    }

    private static async Task<RawAnswer> ExchangeAsync(Stream stream, string request)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var answer = new StreamReader(stream, Encoding.UTF8);
        return new RawAnswer(await answer.ReadToEndAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Dispose();
    }

    private static string Site(TemporaryFolder folder, int port, int[] upstreams)
    {
        string site = File.ReadAllText(DeploymentFiles.PathOf("nginx.conf"));
        for (int i = 0; i < 3; i++)
            site = site.Replace($"server 127.0.0.1:500{i + 1} ", i < upstreams.Length ? $"server 127.0.0.1:{upstreams[i]} " : "#", StringComparison.Ordinal);
        site = string.Join('\n', site.Split('\n').Where(line => !line.Contains("listen [::]", StringComparison.Ordinal)));
        return site.Replace("listen 443 ", $"listen 127.0.0.1:{port} ", StringComparison.Ordinal)
            .Replace("listen 80;", $"listen unix:{folder.Path}/plain;", StringComparison.Ordinal)
            .Replace("/etc/ssl/tokenserver/", folder.Path + "/", StringComparison.Ordinal)
            .Replace("/var/log/nginx/", folder.Path + "/", StringComparison.Ordinal)
            .Replace("id.example.com", "localhost", StringComparison.Ordinal);
    }

    // One process, so that ending it ends all of it.
    private static string Write(TemporaryFolder folder, string site)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256) { CertificateExtensions = { names.Build() } }.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        folder.Write("fullchain.pem", certificate.ExportCertificatePem());
        folder.Write("privkey.pem", key.ExportPkcs8PrivateKeyPem());
        string temporary = string.Concat(((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(kind => $"{kind}_temp_path {folder.Path}/{kind};\n"));
        return folder.Write("nginx.conf", $"""
            daemon off;
            master_process off;
            pid {folder.Path}/pid;
            error_log {folder.Path}/error.log warn;
            events {"{ worker_connections 256; }"}
            http {"{"}
            {temporary}include {folder.Write("site.conf", site)};
            {"}"}
            """);
    }

    private async Task<Socket> ConnectPlainAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(folder.Path, "plain")));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // It opens one socket after the other, so each has to be asked.
    private async Task<bool> AcceptsAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            using var plain = await ConnectPlainAsync();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(ClientAddress), 0));
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
