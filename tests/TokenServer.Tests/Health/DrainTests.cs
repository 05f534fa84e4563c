using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using TokenServer.Health;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Health;

/// <summary>SIGTERM: not ready at once, what is in flight is answered, then the end.</summary>
public sealed class DrainTests
{
    private const string Body = "grant_type=client_credentials";

    [Fact]
    public async Task During_the_drain_delay_the_server_is_not_ready_and_takes_requests()
    {
        using var folder = await TestTemplate.FolderAsync();
        await using var server = await ServerProcess.StartAsync(folder.Path, ("TokenServer:DrainDelay", "00:00:10"));
        await server.TerminateAsync();
        (await Eventually.TrueAsync(async () => (int)(await server.Http.GetAsync("/health/ready")).StatusCode == 503, Eventually.Never)).Should().BeTrue();
        (await server.PostAsync("/connect/token", "worker", TestImport.Secret, ("grant_type", "client_credentials"))).Status.Should().Be(200);
        (await server.WaitAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_request_in_flight_is_answered_though_the_listener_is_closed()
    {
        using var folder = await TestTemplate.FolderAsync();
        await using var server = await ServerProcess.StartAsync(folder.Path);
        var address = new Uri(server.Address);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        string head = $"POST /connect/token HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: {OAuth.Basic("worker", TestImport.Secret)}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {Body.Length}\r\nExpect: 100-continue\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        // It asks for the body: the request is under way.
        byte[] buffer = new byte[25];
        await stream.ReadExactlyAsync(buffer);
        Encoding.ASCII.GetString(buffer).Should().Be("HTTP/1.1 100 Continue\r\n\r\n");
        await server.TerminateAsync();
        (await Eventually.TrueAsync(() => RefusesAsync(address), Eventually.Never)).Should().BeTrue();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Body));
        using var reader = new StreamReader(stream);
        string answer = await reader.ReadToEndAsync();
        answer.Should().StartWith("HTTP/1.1 200").And.Contain("access_token");
        (await server.WaitAsync()).Should().Be(0);
    }

    [Fact]
    public async Task Who_was_let_in_is_answered_until_the_listener_refuses()
    {
        using var folder = await TestTemplate.FolderAsync();
        await using var server = await ServerProcess.StartAsync(folder.Path, ("TokenServer:DrainDelay", "00:00:00.5"));
        var address = new Uri(server.Address);
        byte[] request = Encoding.ASCII.GetBytes($"POST /connect/token HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: {OAuth.Basic("worker", TestImport.Secret)}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
        int answered = 0;
        // Each on a connection of its own, as nginx makes them to a server that ends every connection with an answer.
        var callers = Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            while (await ConnectAsync(address) is { } client)
            {
                using (client)
                {
                    byte[] status = new byte[12];
                    await client.GetStream().WriteAsync(request);
                    await client.GetStream().ReadExactlyAsync(status);
                    Encoding.ASCII.GetString(status).Should().Be("HTTP/1.1 200");
                    if (Interlocked.Increment(ref answered) == 1) await server.TerminateAsync();
                }
            }
        })).ToArray();
        await Task.WhenAll(callers);
        answered.Should().BeGreaterThan(callers.Length);
        (await server.WaitAsync()).Should().Be(0);
    }

    [Theory]
    [InlineData("POST /connect/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 29\r\n\r\n")]
    [InlineData("POST /connect/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ngrant\r\n")]
    [InlineData("POST /api/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{")]
    [InlineData("POST /account/sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n")]
    [InlineData("GET /.well-known/jwks HTTP/1.1\r\nHost: a\r\nAcc")]
    public async Task A_request_whose_rest_never_comes_is_given_up_within_ten_seconds(string begun)
    {
        using var folder = await TestTemplate.FolderAsync();
        await using var server = await ServerProcess.StartAsync(folder.Path, ("TokenServer:ShutdownTimeout", "00:10:00"));
        using var client = await SendAsync(server, begun);
        var watch = Stopwatch.StartNew();
        await server.TerminateAsync();
        (await server.WaitAsync()).Should().Be(0);
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromMinutes(5), "who waits for the rest waits for ten, and no machine is so busy that ten seconds take five");
    }

    [Fact]
    public async Task A_request_that_never_ends_is_cut_off_at_the_shutdown_timeout_and_that_is_no_failure()
    {
        using var folder = await TestTemplate.FolderAsync();
        await using var server = await ServerProcess.StartAsync(folder.Path, ("TokenServer:ShutdownTimeout", "00:00:02"));
        using var client = await SendAsync(server, "POST /connect/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\n");
        using var enough = new CancellationTokenSource();
        var drip = DripAsync(client.GetStream(), enough.Token);
        await server.TerminateAsync();
        (await server.WaitAsync()).Should().Be(0);
        await enough.CancelAsync();
        await drip;
        string said = string.Join('\n', server.Output) + server.Error;
        said.Should().NotContain("Unhandled exception").And.NotContain("A setting makes no sense");
    }

    [Fact]
    public async Task A_connection_on_its_way_in_when_others_are_turned_away_is_let_in()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var sockets = new ListenSockets();
        var listener = sockets.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        sockets.TurnAway().Should().BeTrue();
        // Its packets come as from next door, so that it gets in; then, as all others do, from further away.
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Ttl = 255 };
        await client.ConnectAsync(listener.LocalEndPoint!);
        using var accepted = await listener.AcceptAsync();
        var connection = new DefaultConnectionContext();
        connection.Features.Set<IConnectionSocketFeature>(new SocketFeature(accepted));
        sockets.LetIn(connection);
        client.Ttl = 64;
        await client.SendAsync("x"u8.ToArray());
        using var patience = new CancellationTokenSource(Eventually.Never);
        (await accepted.ReceiveAsync(new byte[1], patience.Token)).Should().Be(1);
    }

    private sealed record SocketFeature(Socket Socket) : IConnectionSocketFeature;

    private static async Task<TcpClient> SendAsync(ServerProcess server, string begun)
    {
        var address = new Uri(server.Address);
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(begun));
        // Whoever came later is answered, so it is under way.
        (await server.Http.GetAsync("/health/live")).StatusCode.Should().Be(HttpStatusCode.OK);
        return client;
    }

    private static async Task DripAsync(NetworkStream stream, CancellationToken ct)
    {
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (await timer.WaitForNextTickAsync(ct)) await stream.WriteAsync(Encoding.ASCII.GetBytes(new string('a', 100)), ct);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The server has closed it.
        }
    }

    private static async Task<TcpClient?> ConnectAsync(Uri address)
    {
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address.Host, address.Port);
            return client;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            client.Dispose();
            return null;
        }
    }

    private static async Task<bool> RefusesAsync(Uri address)
    {
        try
        {
            using var client = await ConnectAsync(address);
            return client is null;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // It was in the listener's queue when that closed.
            return false;
        }
    }
}
