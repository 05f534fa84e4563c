using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using TokenServer.BackChannel;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.BackChannel;

/// <summary>What logout tokens are sent to, and what never.</summary>
public sealed class ReceiverTests
{
    private const string NotPublic = "the name has no public address", NotHttps = "the address is not https";

    [Theory]
    [InlineData("https://127.0.0.1")]
    [InlineData("https://[::1]")]
    [InlineData("https://localhost")]
    [InlineData("https://2130706433")]
    [InlineData("https://0x7f.1")]
    [InlineData("https://[::ffff:127.0.0.1]")]
    [InlineData("https://169.254.169.254")]
    [InlineData("https://10.0.0.1")]
    public async Task In_Production_no_private_address_is_connected_to(string host)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var receivers = Receivers("Production");
        string port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString();
        (await receivers.SendAsync($"{host}:{port}/logout", "token", default)).Should().Be(NotPublic);
        listener.Pending().Should().BeFalse();
    }

    [Theory]
    [InlineData("Production", "http://127.0.0.1:1/")]
    [InlineData("Production", "http://example.com/")]
    [InlineData("Development", "http://example.com/")]
    [InlineData("Development", "ftp://127.0.0.1/")]
    [InlineData("Development", "nothing")]
    public async Task Only_https_is_spoken_but_on_this_machine_in_Development(string environment, string address)
    {
        using var receivers = Receivers(environment);
        (await receivers.SendAsync(address, "token", default)).Should().Be(NotHttps);
    }

    [Fact]
    public async Task Metadata_services_are_refused_even_where_private_addresses_are_allowed()
    {
        using var receivers = Receivers("Production", allowPrivate: true);
        (await receivers.SendAsync("https://169.254.169.254/", "token", default)).Should().Be(NotPublic);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await using var receiver = await LogoutReceiver.StartAsync(o => o.UseHttps(certificate));
        using var receivers = Receivers("Production", allowPrivate: true);
        (await receivers.SendAsync(receiver.Address, "token", default)).Should().Be("the receiver's TLS certificate or protocol is no good");
        receiver.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData("HTTP/1.1 200", null)]
    [InlineData("SSH-2.0-OpenSSH", "the receiver's answer is no HTTP")]
    [InlineData("", "the receiver's answer is no HTTP")]
    public async Task What_answers_no_HTTP_is_told_as_such(string says, string? error)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var receivers = Receivers("Development");
        var sending = receivers.SendAsync($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/", "token", default);
        using (var connection = await listener.AcceptTcpClientAsync())
        {
            await connection.GetStream().ReadAtLeastAsync(new byte[4096], 1);
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(says + "\r\ncontent-length: 0\r\n\r\n"));
            if (error is null) (await sending).Should().BeNull();
        }
        if (error is not null) (await sending).Should().Be(error);
    }

    [Fact]
    public async Task What_cannot_be_reached_is_told_as_such()
    {
        using var receivers = Receivers("Development");
        (await receivers.SendAsync("http://127.0.0.1:1/", "token", default)).Should().Be("the receiver cannot be reached");
        (await receivers.SendAsync("https://name.invalid/", "token", default)).Should().BeOneOf("the name is not known", "the receiver cannot be reached");
    }

    [Fact]
    public async Task No_proxy_of_the_environment_is_used()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var receiver = await LogoutReceiver.StartAsync();
        string? before = Environment.GetEnvironmentVariable("http_proxy");
        Environment.SetEnvironmentVariable("http_proxy", $"http://{listener.LocalEndpoint}");
        try
        {
            using var receivers = Receivers("Development");
            (await receivers.SendAsync(receiver.Address, "token", default)).Should().BeNull();
        }
        finally
        {
            Environment.SetEnvironmentVariable("http_proxy", before);
        }
        listener.Pending().Should().BeFalse();
        receiver.Calls.Should().HaveCount(1);
    }

    private static LogoutReceivers Receivers(string environment, bool allowPrivate = false) =>
        new(new() { AllowPrivateAddresses = allowPrivate }, new Named { EnvironmentName = environment });

    private sealed class Named : IHostEnvironment
    {
        public required string EnvironmentName { get; set; }
        public string ApplicationName { get; set; } = "";
        public string ContentRootPath { get; set; } = "";
        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
