using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Answers;

/// <summary>What is wrong before any field is looked at: in the envelope below /api/v2, flat on the main stack (contract sections 0 and 5).</summary>
public sealed class ErrorShapeTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const int Largest = 64 * 1024;
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];
    private readonly TestHost host = shared.Host;

    public static TheoryData<string> Posts() => ["/api/v2/slowdns/install/precheck", "/api/v2/slowdns/install/activate", "/api/v2/slowdns/install/confirm", "/api/v2/slowdns/install/release", "/register", "/checkin", "/revoke"];

    [Theory]
    [InlineData("GET", "/api/v2")]
    [InlineData("GET", "/api/v2/")]
    [InlineData("GET", "/api/v2/nothing")]
    [InlineData("POST", "/api/v2/slowdns/install")]
    [InlineData("POST", "/api/v2/slowdns/install/precheck/more")]
    [InlineData("GET", "/register/more")]
    [InlineData("POST", "/status/more")]
    public async Task An_unknown_route_is_not_found(string method, string path) => ShouldFail(await host.SendAsync(method, path, method == "GET" ? null : new { }), path, 404, "not_found");

    [Theory]
    [InlineData("POST", "/api/v2/healthz", "GET")]
    [InlineData("GET", "/api/v2/slowdns/code/issue", "POST")]
    [InlineData("GET", "/api/v2/slowdns/install/precheck", "POST")]
    [InlineData("PUT", "/api/v2/slowdns/install/activate", "POST")]
    [InlineData("DELETE", "/api/v2/slowdns/install/confirm", "POST")]
    [InlineData("PATCH", "/api/v2/slowdns/install/release", "POST")]
    [InlineData("GET", "/register", "POST")]
    [InlineData("GET", "/checkin", "POST")]
    [InlineData("GET", "/revoke", "POST")]
    [InlineData("POST", "/status", "GET")]
    public async Task A_wrong_method_is_told_which_are_right(string method, string path, string allowed)
    {
        var answer = await host.SendAsync(method, path, method == "GET" ? null : new { });
        ShouldFail(answer, path, 405, "method_not_allowed");
        answer.ContentHeaders.Allow.Should().Contain(allowed);
    }

    [Theory]
    [MemberData(nameof(Posts))]
    public async Task A_form_is_an_unsupported_media_type(string path) =>
        ShouldFail(await SendAsync(path, new FormUrlEncodedContent([KeyValuePair.Create("activation_id", "x")])), path, 415, "unsupported_media_type");

    [Theory]
    [MemberData(nameof(Posts))]
    public async Task JSON_that_says_it_is_text_is_an_unsupported_media_type(string path) => ShouldFail(await SendAsync(path, new StringContent("{}", Encoding.UTF8, "text/plain")), path, 415, "unsupported_media_type");

    [Theory]
    [MemberData(nameof(Posts))]
    public async Task A_body_without_a_media_type_is_an_unsupported_one(string path) => ShouldFail(await SendAsync(path, new ByteArrayContent("{}"u8.ToArray())), path, 415, "unsupported_media_type");

    [Theory]
    [MemberData(nameof(Posts))]
    public async Task A_body_of_64_KB_is_read(string path)
    {
        string body = "{" + new string(' ', Largest - 2) + "}";
        (await SendAsync(path, Json(body))).Status.Should().NotBe(413);
    }

    [Theory]
    [MemberData(nameof(Posts))]
    public async Task A_body_of_a_byte_more_is_too_large(string path) => ShouldFail(await SendAsync(path, Json("{" + new string(' ', Largest - 1) + "}")), path, 413, "payload_too_large");

    [Theory]
    [MemberData(nameof(Posts))]
    public async Task A_chunked_body_of_a_byte_more_is_too_large(string path)
    {
        var content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes("{" + new string(' ', Largest - 1) + "}"))) { Headers = { ContentType = new("application/json") } };
        ShouldFail(await SendAsync(path, content, chunked: true), path, 413, "payload_too_large");
    }

    [Theory]
    [MemberData(nameof(Posts))]
    public async Task A_chunk_that_is_none_is_a_bad_request(string path)
    {
        string token = path is "/checkin" or "/revoke" ? "Authorization: Bearer " + await TokenAsync() + "\r\n" : "";
        string answer = await RawAsync($"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n{token}Transfer-Encoding: chunked\r\n\r\nzz\r\n");
        answer.Should().StartWith("HTTP/1.1 400 ").And.EndWith(path.StartsWith("/api/v2", StringComparison.Ordinal) ? "}}" : """{"error":"invalid_request"}""").And.Contain("invalid_request");
    }

    public static TheoryData<string, string> BrokenBodies()
    {
        var data = new TheoryData<string, string>();
        foreach (string path in Posts())
            foreach (string body in (string[])["", " ", "{", "{\"a\":1,}", "{'a':1}", "{}{}", "{} x", "null", "[]", "\"x\"", "1", "[{}]", "{\"a\":" + new string('[', 5000) + new string(']', 5000) + "}", "{\"a\":\"\u0001\"}"])
                // An empty body is as none on the routes that need none.
                if (body.Length > 0 || path is not ("/checkin" or "/revoke")) data.Add(path, body);
        return data;
    }

    [Theory]
    [MemberData(nameof(BrokenBodies))]
    public async Task What_is_no_JSON_object_is_a_bad_request(string path, string body) => ShouldFail(await SendAsync(path, Json(body)), path, 400, "invalid_request");

    [Theory]
    [MemberData(nameof(Posts))]
    public async Task Bytes_that_are_no_UTF_8_are_a_bad_request(string path) => ShouldFail(await SendAsync(path, Json([.. "{\"hostname\":\""u8, 0xC3, 0x28, .. "\",\"server_id\":\""u8, 0xC3, 0x28, .. "\"}"u8])), path, 400, "invalid_request");

    [Theory]
    [MemberData(nameof(Posts))]
    public async Task A_byte_order_mark_before_JSON_is_as_if_it_were_not_there(string path)
    {
        var (plain, marked) = (await SendAsync(path, Json([.. "{}"u8])), await SendAsync(path, Json([.. Mark, .. "{}"u8])));
        marked.Status.Should().Be(plain.Status);
        ShouldFail(await SendAsync(path, Json([.. Mark, .. Mark, .. "{}"u8])), path, 400, "invalid_request");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("APPLICATION/JSON;charset=UTF-8")]
    [InlineData("application/problem+json")]
    public async Task JSON_by_any_of_its_names_is_read(string type)
    {
        var install = await host.IssuedAsync();
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(install.PrecheckBody().ToJsonString())) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        (await host.PostAsync($"{Requests.V2}/install/precheck", content)).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task A_chunked_body_is_read()
    {
        var install = await host.IssuedAsync();
        var content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(install.PrecheckBody().ToJsonString()))) { Headers = { ContentType = new("application/json") } };
        (await SendAsync($"{Requests.V2}/install/precheck", content, chunked: true)).Outcome.Should().Be("200");
    }

    [Theory]
    [InlineData("/api/v2/slowdns/install/confirm", """{"activation_id":"act_0000000000000000","install_token":"x"}""")]
    [InlineData("/checkin", "{}")]
    public async Task A_failure_of_the_server_is_told_in_the_routes_shape_and_no_more_than_that(string path, string body)
    {
        await using var broken = await TestHost.StartAsync();
        string token = (await (await broken.ActivatedAsync()).RegisteredAsync()).Token;
        broken.Storage.IsDown = true;
        var answer = await broken.PostAsync(path, body, ("Authorization", "Bearer " + token));
        ShouldFail(answer, path, 500, "internal_error");
        answer.Body.Should().NotContain("database is down");
    }

    private static void ShouldFail(Answer answer, string path, int status, string code)
    {
        if (path.StartsWith("/api/v2", StringComparison.Ordinal)) answer.ShouldFail(status, code);
        else answer.ShouldFailFlatly(status, code);
    }

    private static ByteArrayContent Json(string body) => Json(Encoding.UTF8.GetBytes(body));

    private static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new("application/json") } };

    // The routes that need a token get one, so that it is the body which is refused.
    private async Task<Answer> SendAsync(string path, HttpContent content, bool chunked = false)
    {
        (string, string)[] headers = path is "/checkin" or "/revoke" ? [("Authorization", "Bearer " + await TokenAsync())] : [];
        return await host.PostAsync(path, content, chunked ? [.. headers, ("Transfer-Encoding", "chunked")] : headers);
    }

    private async Task<string> TokenAsync() => (await (await host.ActivatedAsync()).RegisteredAsync()).Token;

    private async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync();
    }
}
