using System.Text;
using TokenServer.Accounts.Pins;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>Bodies that are not what they should be: a clear 400, 413 or 415 in the face's own shape (contract sections 0 and 2 to 4).</summary>
public sealed class BadInputTests(BadInputTests.SignedIn shared) : IClassFixture<BadInputTests.SignedIn>
{
    private const string Json = "application/json", Missing = "";
    private static readonly string TenKilobytes = $"\"{new string('x', 10 * 1024)}\"";

    // Longer or shorter than any field may be, or no text at all.
    private static readonly string[] BadValues =
    [
        Missing, "null", "1", "-1.5e3", "true", "false", "{}", """{"a":"b"}""", "[]", """["a"]""", "\"\"", TenKilobytes,
        """
        "\ud800"
        """, """
        "a\udc00b"
        """, """
        "\ud83d\ud83d\ude00"
        """, """
        "\u0000"
        """, """
        "a\u0000b"
        """,
    ];

    private static readonly string[] BadBodies =
    [
        "", " ", "{", "}", "{\"", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':'b'}", "{} {}", "{}x", "nul", "null", "true", "1", "\"text\"", "[]", "[{}]", "/* */{}", "{/**/}",
        "{\"a\":\"\\x\"}", "{\"a\":\"\t\"}", "{\"a\":NaN}", "{\"a\":01}", "\uFEFF{}", "\0", "{}\0",
        "a=b&c=d", "<a/>", new('[', 30_000), string.Concat(Enumerable.Repeat("{\"a\":", 10_000)), "{\"a\":" + new string('[', 20) + new string(']', 20) + "}",
    ];

    private readonly TestServer server = shared.Server;

    public static TheoryData<string> Paths => [.. FaceRoute.All.Select(r => r.Path)];

    public static TheoryData<string, string> Fields()
    {
        var all = new TheoryData<string, string>();
        foreach (var route in FaceRoute.All)
            foreach (string name in route.Fields) all.Add(route.Path, name);
        return all;
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_field_that_is_not_what_it_should_be_is_named(string path, string field)
    {
        foreach (string value in BadValues)
        {
            var answer = await PostAsync(path, Body(path, field, value));
            FaceRoute.ExpectError(answer, 400, path);
            answer["error"].Should().Contain($"'{field}'", "it was " + value[..Math.Min(20, value.Length)]);
        }
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_field_that_is_there_twice_is_refused(string path, string field) =>
        FaceRoute.ExpectError(await PostAsync(path, $$"""{"{{field}}":"other",{{Body(path, field, "\"text\"")[1..]}}"""), 400, path);

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_field_of_another_case_is_another_field(string path, string field)
    {
        string rest = Body(path, field, Missing)[1..];
        var answer = await PostAsync(path, $"{{\"{field.ToUpperInvariant()}\":\"text\"{(rest == "}" ? rest : "," + rest)}");
        FaceRoute.ExpectError(answer, 400, path);
        answer["error"].Should().Contain($"'{field}'");
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task Bytes_that_are_not_UTF_8_are_refused(string path, string field)
    {
        byte[][] broken = [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]];
        foreach (byte[] bytes in broken)
        {
            string[] halves = Body(path, field, "\"|\"").Split('|');
            FaceRoute.ExpectError(await PostAsync(path, [.. Encoding.UTF8.GetBytes(halves[0]), .. bytes, .. Encoding.UTF8.GetBytes(halves[1])]), 400, path);
            FaceRoute.ExpectError(await PostAsync(path, [.. "{\""u8, .. bytes, .. "\":1}"u8]), 400, path);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_body_that_is_no_JSON_object_is_refused(string path)
    {
        foreach (string body in BadBodies) FaceRoute.ExpectError(await PostAsync(path, body), 400, path);
        FaceRoute.ExpectError(await PostAsync(path, Encoding.Unicode.GetBytes(Body(path))), 400, path);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_lone_surrogate_in_a_members_name_is_refused(string path)
    {
        foreach (string name in new[] { "\\ud800", "\\udfff\\ud800", "a\\udc00", FaceRoute.All.First(r => r.Path == path).Fields[0] + "\\ud83d" })
        {
            FaceRoute.ExpectError(await PostAsync(path, $"{{\"{name}\":1}}"), 400, path);
            FaceRoute.ExpectError(await PostAsync(path, $"{{\"{name}\":1,{Body(path)[1..]}"), 400, path);
            FaceRoute.ExpectError(await PostAsync(path, $"{Body(path)[..^1]},\"x\":{{\"{name}\":1}}}}"), 400, path);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Another_content_type_is_unsupported(string path)
    {
        foreach (string? type in new[] { null, "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "application/xml" })
            FaceRoute.ExpectError(await PostAsync(path, Encoding.UTF8.GetBytes(Body(path)), type), 415, path);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON")]
    public async Task The_content_type_may_be_spelled_out(string type)
    {
        foreach (string path in FaceRoute.All.Select(r => r.Path)) FaceRoute.ExpectError(await PostAsync(path, "{}"u8.ToArray(), type), 400, path);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_body_over_64_KB_is_too_large(string path)
    {
        byte[] large = Encoding.UTF8.GetBytes(Body(path).PadRight(64 * 1024 + 1));
        FaceRoute.ExpectError(await PostAsync(path, large), 413, path);
        FaceRoute.ExpectError(await PostAsync(path, large, chunked: true), 413, path);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_body_of_64_KB_is_read(string path) =>
        FaceRoute.ExpectError(await PostAsync(path, "{}".PadRight(64 * 1024)), 400, path);

    [Theory]
    [InlineData("zoë.größe@example.com")]
    [InlineData("😀")]
    [InlineData("مرحبا بالعالم")]
    [InlineData("שלום 👩‍👩‍👧")]
    [InlineData("日本語 e\u0301 gnp")]
    [InlineData("<script>'\"\\/&+;--")]
    public async Task Any_valid_text_is_taken_as_it_is(string text)
    {
        string json = System.Text.Json.JsonSerializer.Serialize(text);
        foreach (var route in FaceRoute.All)
        {
            var answer = await PostAsync(route.Path, "{" + string.Join(',', route.Fields.Select(f => $"\"{f}\":{json}")) + "}");
            switch (route.Path)
            {
                case "/api/tunnels":
                    (answer.Status, answer.Json.GetProperty("tunnel").Text("name")).Should().Be((201, text));
                    break;
                case "/api/v1/auth/keys":
                    (answer.Status, answer["name"]).Should().Be((201, text));
                    break;
                case "/api/v1/auth/2fa/enable":
                    (answer.Status, answer["error"]).Should().Be((400, "Invalid verification code"));
                    break;
                case "/api/v1/auth/password":
                    FaceRoute.ExpectError(answer, answer.Status == 400 ? 400 : 401, route.Path);
                    answer["error"].Should().Match(e => e == "Invalid credentials" || e!.Contains("too weak"));
                    break;
                default:
                    FaceRoute.ExpectError(answer, 401, route.Path);
                    break;
            }
        }
    }

    [Fact]
    public async Task Unknown_fields_are_ignored() =>
        (await PostAsync("/auth/verify-2fa", """{"temp_token":"x","code":"1","x":{"y":[1,null]},"":0,"😀":"\ud83d\ude00"}"""))["error"].Should().Be("Invalid or expired temp token");

    private static string Body(string path, string? field = null, string value = Missing) => "{" + string.Join(',', FaceRoute.All.First(r => r.Path == path).Fields
        .Where(f => f != field || value.Length > 0).Select(f => $"\"{f}\":{(f == field ? value.Trim() : "\"text\"")}")) + "}";

    private Task<Answer> PostAsync(string path, string body) => PostAsync(path, Encoding.UTF8.GetBytes(body));

    private async Task<Answer> PostAsync(string path, byte[] body, string? type = Json, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body), Headers = { TransferEncodingChunked = chunked } };
        if (type is not null) request.Content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        if (FaceRoute.All.First(r => r.Path == path).NeedsToken) request.Headers.Authorization = new("Bearer", shared.Session);
        return await server.SendAsync(request);
    }

    /// <summary>A server with a session, and a PIN.</summary>
    public sealed class SignedIn : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;
        internal string Session { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Server = await TestServer.StartAsync([.. FaceRequests.NoLimits, "--Accounts:LockoutFailures=1000"]);
            Session = await ((Door)Door.Account).TokenAsync(Server);
            await Server.Get<PinFile>().SetAsync("1234", "test");
        }

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
