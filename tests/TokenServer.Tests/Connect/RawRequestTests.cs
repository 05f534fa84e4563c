using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>Requests that no polite client sends: never a failure of the server, never a stack trace (contract section 0).</summary>
public sealed class RawRequestTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Form = "Content-Type: application/x-www-form-urlencoded";
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task A_chunked_body_over_64_KB_is_too_large()
    {
        byte[] chunk = Encoding.ASCII.GetBytes("1000\r\n" + new string('x', 0x1000) + "\r\n");
        byte[] body = [.. Enumerable.Repeat(chunk, 20).SelectMany(c => c), .. "0\r\n\r\n"u8];
        var answer = await server.SendRawAsync($"POST /connect/token HTTP/1.1\n{Form}\nTransfer-Encoding: chunked", body);
        answer.Status.Should().Be(413);
        answer.Body.Should().Contain("invalid_request");
    }

    [Fact]
    public async Task A_length_over_64_KB_is_refused_before_the_body_comes()
    {
        var answer = await server.SendRawAsync($"POST /connect/token HTTP/1.1\n{Form}\nContent-Length: 70000");
        answer.Status.Should().Be(413);
        answer.Body.Should().Contain("invalid_request");
    }

    [Fact]
    public async Task A_small_chunked_body_is_read()
    {
        string body = $"grant_type=client_credentials&client_id=worker&client_secret={TestImport.Secret}";
        var answer = await server.SendRawAsync($"POST /connect/token HTTP/1.1\n{Form}\nTransfer-Encoding: chunked", Encoding.ASCII.GetBytes($"{body.Length:x}\r\n{body}\r\n0\r\n\r\n"));
        answer.Status.Should().Be(200);
    }

    [Theory]
    [InlineData("POST /connect/token HTTP/1.1\nAuthorization: Basic {x}", 431)]
    [InlineData("GET /connect/userinfo HTTP/1.1\nAuthorization: Bearer {x}", 431)]
    [InlineData("POST /connect/token HTTP/1.1\nX-Long: {x}", 431)]
    public async Task A_header_of_32_KB_is_refused(string head, int status) => Expect(await server.SendRawAsync(head.Replace("{x}", new string('x', 32 * 1024))), status);

    [Fact]
    public async Task A_Basic_header_of_20_KB_is_a_failed_authentication() =>
        Expect(await server.SendRawAsync($"POST /connect/token HTTP/1.1\n{Form}\nContent-Length: 0\nAuthorization: Basic {new string('x', 20 * 1024)}"), 401);

    [Fact]
    public async Task A_Bearer_header_of_20_KB_is_an_invalid_token() =>
        Expect(await server.SendRawAsync($"GET /connect/userinfo HTTP/1.1\nAuthorization: Bearer ey{new string('x', 20 * 1024)}"), 401);

    [Fact]
    public async Task Two_Authorization_headers_authenticate_nobody()
    {
        string basic = "Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("worker:" + TestImport.Secret));
        Expect(await server.SendRawAsync($"POST /connect/token HTTP/1.1\n{Form}\nContent-Length: 0\n{basic}\n{basic}"), 401);
    }

    [Theory]
    [InlineData("POST /connect/token HTTP/1.1\nAuthorization: Basic \0")]
    [InlineData("POST /connect/token HTTP/1.1\nAuthorization: Basic \u00ff\u00fe")]
    [InlineData("POST /connect/token%00 HTTP/1.1")]
    [InlineData("POST /connect/\u00ff HTTP/1.1")]
    [InlineData("POST /connect/%FF%FE HTTP/1.1\nContent-Length: 0")]
    [InlineData("POST /connect/token?x=%00%FF HTTP/1.1\nContent-Length: 0")]
    [InlineData("POST /connect/token HTTP/1.1\nContent-Length: 1\nContent-Length: 2")]
    [InlineData("POST /connect/token HTTP/1.1\nContent-Length: -1")]
    [InlineData("POST /connect/token HTTP/1.1\nContent-Type: \u00ff\nContent-Length: 0")]
    [InlineData("POST /connect/token HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 0\nHost: other")]
    [InlineData("GET connect HTTP/1.1")]
    [InlineData("CONNECT /connect/token HTTP/1.1")]
    [InlineData("TRACE /connect/token HTTP/1.1")]
    [InlineData("\0\0\0")]
    public async Task A_broken_request_is_the_clients_fault(string head)
    {
        var answer = await server.SendRawAsync(head);
        answer.Status.Should().BeInRange(400, 499);
        Clean(answer);
    }

    [Theory]
    [InlineData("zz\r\nx\r\n0\r\n\r\n")]
    [InlineData("5\r\nabcdefgh\r\n0\r\n\r\n")]
    [InlineData("ffffffffffffffff\r\n")]
    public async Task A_broken_chunk_is_the_clients_fault(string body) =>
        Expect(await server.SendRawAsync($"POST /connect/token HTTP/1.1\n{Form}\nTransfer-Encoding: chunked", Encoding.ASCII.GetBytes(body)), 400);

    [Fact]
    public async Task Random_bytes_in_a_form_are_the_clients_fault()
    {
        byte[] body = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        var answer = await server.PostRawAsync(body);
        answer.Status.Should().Be(400);
        Clean(answer);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_in_the_middle_of_a_body_is_no_failure_of_the_server()
    {
        await using var own = await TestServer.StartAsync();
        using (var client = new System.Net.Sockets.TcpClient())
        {
            var address = new Uri(own.Address);
            await client.ConnectAsync(address.Host, address.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /connect/token HTTP/1.1\r\nHost: {address.Authority}\r\n{Form}\r\nContent-Length: 100\r\n\r\ngrant_type="));
            client.LingerState = new System.Net.Sockets.LingerOption(true, 0);
        }
        (await own.TokenAsync("worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
        await own.StopAsync();
        own.Log.Lines.Should().NotContain(l => l.StartsWith("Error", StringComparison.Ordinal) || l.StartsWith("Critical", StringComparison.Ordinal));
    }

    private static void Expect(RawAnswer answer, int status)
    {
        answer.Status.Should().Be(status);
        Clean(answer);
    }

    private static void Clean(RawAnswer answer) => answer.Text.Should().NotContainAny("   at ", "Exception", ".cs:line");
}
