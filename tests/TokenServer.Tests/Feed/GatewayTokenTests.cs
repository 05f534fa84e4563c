using System.Net;
using System.Security.Cryptography;
using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>samples/gateway: tokens that are odd in every way, and requests that show them oddly (RFC 6750 section 2, RFC 9068 section 4).</summary>
public sealed class GatewayTokenTests : IAsyncLifetime
{
    private PretendServer server = null!;
    private GatewayRig gateway = null!;

    public async Task InitializeAsync()
    {
        server = await PretendServer.StartAsync();
        gateway = await GatewayRig.StartAsync(server.Address, TimeProvider.System);
    }

    public async Task DisposeAsync()
    {
        await gateway.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_good_token_passes_however_its_scheme_is_written()
    {
        foreach (string scheme in (string[])["Bearer", "bearer", "BEARER"]) (await gateway.AskAsync(server.Token(), scheme)).Should().Be(HttpStatusCode.OK, scheme);
        (await gateway.AskAsync(server.Token(new { aud = new[] { "other", "api" } }))).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_claim_that_is_odd_is_refused()
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        object[] odd =
        [
            new { iss = server.Address + "/" }, new { iss = "https://other.example" }, new { iss = (string?)null }, new { iss = new[] { server.Address } },
            new { aud = "other" }, new { aud = (string?)null }, new { aud = "API" }, new { aud = new object[] { 1, new { api = "api" } } }, new { aud = new { api = "api" } }, new { aud = Array.Empty<string>() },
            new { exp = (now + 600).ToString() }, new { exp = -1 }, new { exp = 1e300 }, new { exp = 99999999999999999999m }, new { exp = now + 600.5 }, new { exp = (long?)null }, new { exp = now - 1 }, new { exp = true }, new { exp = new[] { now + 600 } },
            new { iat = now + 600 }, new { iat = "now" }, new { iat = -5 }, new { iat = (long?)null },
            new { jti = (string?)null }, new { jti = 5 }, new { client_id = (string?)null },
            new { cnf = new { jkt = "x" } }, new { cnf = "x" }, new { exchanged = 5 }, new { exchanged = new { client_id = "other" } }, new { exchanged = new { client_id = "other", jti = Array.Empty<string>() } },
        ];
        foreach (object claims in odd) (await gateway.AskAsync(server.Token(claims))).Should().Be(HttpStatusCode.Unauthorized, claims.ToString());
        (await gateway.AskAsync(server.Token())).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_header_that_is_odd_is_refused()
    {
        object[] odd =
        [
            new { alg = "none" }, new { alg = "HS256" }, new { alg = "RS256" }, new { alg = "es256" }, new { alg = (string?)null }, new { alg = 1 },
            new { kid = "unknown" }, new { kid = (string?)null }, new { kid = "../one" }, new { kid = new[] { "one" } },
            new { typ = "JWT" }, new { typ = "secevent+jwt" }, new { typ = (string?)null }, new { crit = new[] { "exp" } }, new { crit = Array.Empty<string>() },
        ];
        foreach (object header in odd) (await gateway.AskAsync(server.Token(header: header))).Should().Be(HttpStatusCode.Unauthorized, header.ToString());
    }

    [Fact]
    public async Task What_is_no_signed_token_of_the_server_is_refused()
    {
        string good = server.Token(), claims = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(good.Split('.')[1]));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string header = $$"""{"alg":"ES256","kid":"{{server.KeyId}}","typ":"at+jwt"}""";
        string[] bad =
        [
            Jwt.Make(header, claims, data => other.SignData(data, HashAlgorithmName.SHA256)),
            // A text that is signed with what is published, as a secret.
            Jwt.Make(header.Replace("ES256", "HS256"), claims, data => HMACSHA256.HashData(Encoding.UTF8.GetBytes(server.KeyId), data)),
            Jwt.Make(header.Replace("ES256", "none"), claims, _ => []),
            // In the form of RFC 3279, and of no length.
            Jwt.Make(header, claims, data => other.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)), Jwt.Make(header, claims, _ => new byte[64]),
            good + ".", good + ".x.y", "." + good, good[..^1], good + "A", good.Split('.')[0] + "..", "..", "eyJ",
            // A token in a token, its claims twice, its header twice, and what is no object.
            server.Sign(good, new { cty = "JWT" }), server.Sign(claims[..^1] + ",\"exp\":99999999999}"), server.Sign(claims[..^1] + ",\"aud\":\"api\"}"), server.Sign("[]"), server.Sign("5"), server.Sign(""),
            server.Sign(new string('[', 1000)), Jwt.Make(header[..^1] + ",\"alg\":\"none\"}", claims, _ => []),
        ];
        foreach (string token in bad) (await gateway.AskAsync(token)).Should().Be(HttpStatusCode.Unauthorized, token);
        (await gateway.AskAsync(good)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_request_that_shows_several_tokens_or_none_is_refused()
    {
        string good = server.Token();
        await AnswersAsync(401, $"Authorization: Bearer {good}", $"Authorization: Bearer {good}");
        await AnswersAsync(401, $"Authorization: Bearer {good}, Bearer {good}");
        await AnswersAsync(401, $"Authorization: Bearer {good} {good}");
        await AnswersAsync(401, $"Authorization: {good}");
        await AnswersAsync(401, "Authorization: Bearer");
        await AnswersAsync(401, "Authorization: Basic YTpi");
        await AnswersAsync(401, $"Cookie: access_token={good}");
        await AnswersAsync(200, $"Authorization: Bearer {good}");
        await AnswersAsync(200, $"Authorization:   bearer   {good}");
        (await gateway.Http.GetAsync("/things?access_token=" + good)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_header_of_100_KB_is_refused_and_the_next_request_is_answered()
    {
        await AnswersAsync(431, "Authorization: Bearer " + new string('a', 50_000));
        await AnswersAsync(431, "Authorization: Bearer " + new string('a', 100_000));
        (await gateway.AskAsync(server.Token())).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Keys_that_nobody_knows_are_not_asked_for_by_each_who_names_one()
    {
        int before = server.JwksAsked;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => gateway.AskAsync(server.Token(header: new { kid = "unknown " + i }))));
        (server.JwksAsked - before).Should().BeLessThan(20, "at most every five seconds");
    }

    // To the letter, as no client of HTTP would send it.
    private async Task AnswersAsync(int status, params string[] headers)
    {
        var address = gateway.Http.BaseAddress!;
        using var tcp = new System.Net.Sockets.TcpClient();
        await tcp.ConnectAsync(address.Host, address.Port);
        var stream = tcp.GetStream();
        string text = $"GET /things HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n{string.Join("\r\n", headers)}\r\n\r\n";
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
        }
        catch (IOException)
        {
            // It was answered before all of it was taken.
        }
        using var reader = new StreamReader(stream);
        string? first;
        try
        {
            first = await reader.ReadLineAsync();
        }
        catch (IOException) when (status == 431)
        {
            // The system threw the answer away with what was not taken: it is refused all the same.
            return;
        }
        if (first is null && status == 431) return;
        first.Should().StartWith($"HTTP/1.1 {status} ", string.Join(" | ", headers.Select(h => h[..Math.Min(60, h.Length)])));
    }
}
