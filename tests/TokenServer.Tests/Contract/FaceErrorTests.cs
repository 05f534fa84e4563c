using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>What every face says to bad input, wrong methods, unknown routes and plain HTTP: in its own shape (contract sections 0, 2, 3 and 4).</summary>
public sealed class FaceErrorTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    /// <summary>Every route with a JSON body that needs no token: path, a good body, the fields in it, whether the face's errors say <c>success</c>.</summary>
    public static TheoryData<string, string, bool> Bodies => new()
    {
        { "/api/login", "email password", true },
        { "/api/verify-2fa", "temp_token code", true },
        { "/auth/login", "email password", true },
        { "/auth/verify-2fa", "temp_token code", true },
        { "/auth/refresh", "refresh_token", true },
        { "/v1/auth/login", "email password", true },
        { "/v1/auth/verify-2fa", "temp_token code", true },
        { "/v1/auth/refresh", "refresh_token", true },
        { "/api/auth", "pin", false },
        { "/api/v1/auth/login", "username password", false },
        { "/api/v1/auth/verify-2fa", "temp_token code", false },
        { "/api/v1/auth/refresh", "refreshToken", false },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_missing_empty_or_mistyped_field_is_named(string path, string fields, bool says)
    {
        string[] names = fields.Split(' ');
        foreach (string name in names)
        {
            foreach (string? bad in new[] { null, "null", "\"\"", "1", "true", "{}", "[\"x\"]", "\"a\\u0000b\"", "\"\\ud800\"", $"\"{new string('x', 10_000)}\"" })
            {
                var members = names.Where(n => n != name).Select(n => $"\"{n}\":\"x\"").Concat(bad is null ? [] : [$"\"{name}\":{bad}"]);
                Expect(await server.PostJsonAsync(path, $"{{{string.Join(',', members)}}}"), says, 400, $"/.*{name}.*/");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task What_is_no_JSON_object_is_bad_input(string path, string fields, bool says)
    {
        string first = fields.Split(' ')[0];
        foreach (string body in new[] { "", " ", "{", "[]", "null", "\"x\"", "1", "nonsense", "{}{}", $$"""{"{{first}}":"x","{{first}}":"y"}""", new string('[', 1000), "\uFEFF", """{"\ud800":"x"}""" })
            Expect(await server.PostJsonAsync(path, body), says, 400, "<text>");
        Expect(await server.PostContentAsync(path, "application/json", [(byte)'{', 0xff, 0xfe, (byte)'}']), says, 400, "<text>");
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_of_another_type_is_unsupported(string path, string fields, bool says)
    {
        foreach (string? type in new[] { null, "text/plain", "application/x-www-form-urlencoded", "application/xml" })
            Expect(await server.PostContentAsync(path, type, Encoding.UTF8.GetBytes($$"""{"{{fields.Split(' ')[0]}}":"x"}""")), says, 415, "<text>");
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_over_64_KB_is_too_large(string path, string fields, bool says)
    {
        var large = await server.PostJsonAsync(path, $$"""{"{{fields.Split(' ')[0]}}":"{{new string('x', 65 * 1024)}}"}""");
        Expect(large, says, 413, "<text>");
        large.Headers.ConnectionClose.Should().BeTrue();
        var chunked = await server.SendRawAsync($"POST {path} HTTP/1.1\nContent-Type: application/json\nTransfer-Encoding: chunked",
            [.. Enumerable.Repeat(Encoding.ASCII.GetBytes("1000\r\n" + new string('x', 0x1000) + "\r\n"), 20).SelectMany(c => c), .. "0\r\n\r\n"u8]);
        chunked.Status.Should().Be(413);
        chunked.Body.Should().StartWith(says ? """{"success":false,"error":""" : """{"error":""");
    }

    [Theory]
    [InlineData("GET", "/api/login", "POST", true)]
    [InlineData("PUT", "/api/verify-2fa", "POST", true)]
    [InlineData("GET", "/api/logout", "POST", true)]
    [InlineData("PUT", "/api/tunnels", "GET, HEAD, POST", true)]
    [InlineData("GET", "/api/tunnels/1", "DELETE", true)]
    [InlineData("GET", "/api/tunnels/1/regenerate", "POST", true)]
    [InlineData("GET", "/auth/login", "POST", true)]
    [InlineData("GET", "/auth/refresh", "POST", true)]
    [InlineData("DELETE", "/auth/logout", "POST", true)]
    [InlineData("POST", "/auth/me", "GET, HEAD", true)]
    [InlineData("POST", "/v1/auth/me", "GET, HEAD", true)]
    [InlineData("GET", "/v1/auth/verify-2fa", "POST", true)]
    [InlineData("GET", "/api/auth", "POST", false)]
    [InlineData("POST", "/api/status", "GET, HEAD", false)]
    [InlineData("GET", "/api/v1/auth/login", "POST", false)]
    [InlineData("PUT", "/api/v1/auth/keys", "GET, HEAD, POST", false)]
    [InlineData("GET", "/api/v1/auth/keys/key_1", "DELETE", false)]
    [InlineData("GET", "/api/v1/auth/password", "POST", false)]
    [InlineData("GET", "/api/v1/auth/2fa/setup", "POST", false)]
    public async Task A_wrong_method_is_told_the_right_ones(string method, string path, string allowed, bool says)
    {
        var answer = await server.CallAsync(method, path);
        Expect(answer, says, 405, "<text>");
        answer.ContentHeaders.Allow.Should().BeEquivalentTo(allowed.Split(", "));
    }

    [Theory]
    [InlineData("/api/login/nothing", true)]
    [InlineData("/api/tunnels/1/nothing", true)]
    [InlineData("/api/verify-2fa/nothing", true)]
    [InlineData("/api/logout/nothing", true)]
    [InlineData("/auth/nothing", true)]
    [InlineData("/auth", true)]
    [InlineData("/v1/auth/nothing", true)]
    [InlineData("/api/auth/nothing", false)]
    [InlineData("/api/status/nothing", false)]
    [InlineData("/api/v1/auth/nothing", false)]
    [InlineData("/api/v1/auth", false)]
    public async Task An_unknown_route_is_not_found(string path, bool says)
    {
        foreach (string method in new[] { "GET", "POST", "DELETE" }) Expect(await server.CallAsync(method, path), says, 404, "<text>");
    }

    [Theory]
    [InlineData("POST", "/api/login", true)]
    [InlineData("GET", "/api/tunnels", true)]
    [InlineData("POST", "/auth/login", true)]
    [InlineData("GET", "/v1/auth/me", true)]
    [InlineData("POST", "/api/auth", false)]
    [InlineData("GET", "/api/status", false)]
    [InlineData("POST", "/api/v1/auth/login", false)]
    [InlineData("GET", "/api/v1/auth/nothing", false)]
    public async Task Plain_HTTP_is_refused_where_HTTPS_is_required(string method, string path, bool says)
    {
        await using var own = await TestServer.StartAsync(["--TokenServer:RequireHttps=true"]);
        Expect(await own.CallAsync(method, path, body: method == "POST" ? "not even JSON" : null), says, 403, "HTTPS is required");
    }

    [Theory]
    [InlineData("/api/login", "email")]
    [InlineData("/auth/login", "email")]
    [InlineData("/api/v1/auth/login", "username")]
    public async Task A_charset_and_more_members_than_asked_for_are_no_harm(string path, string login)
    {
        string body = $$"""{"{{login}}":"jane@example.com","password":"{{TestImport.Password}}","remember":true,"more":{"x":[1] } }""";
        (await server.PostContentAsync(path, "application/json; charset=utf-8", Encoding.UTF8.GetBytes(body))).Status.Should().Be(200);
    }

    private static void Expect(Answer answer, bool saysSuccess, int status, string error)
    {
        if (saysSuccess) answer.ShouldFail(status, error);
        else answer.ShouldFailPlainly(status, error);
    }
}
