using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>Whatever is sent: problem details, never a failure of the server (contract sections 0 and 6).</summary>
public sealed class BadInputTests(SharedAdmin shared) : IClassFixture<SharedAdmin>
{
    private static readonly string[] WithBody = ["POST /clients", "PATCH /clients/worker", "POST /users", "PATCH /users/1", "POST /tokens/revoke", "POST /keys/rotate", "POST /clients/worker/secret"];
    private readonly AdminServer admin = shared.Admin;

    public static TheoryData<string> BodyRoutes => [.. WithBody];

    [Theory]
    [MemberData(nameof(BodyRoutes))]
    public async Task A_body_that_is_no_JSON_object_is_refused(string call)
    {
        string[] bodies =
        [
            " ", "{", "}", "nonsense", "[]", "null", "7", "\"text\"", "{\"a\":}", "{\"a\":1,}", "{'a':1}", "{} {}", "{\"client_id\":\"a\",\"client_id\":\"b\"}", "{\"role\":\"user\",\"role\":\"admin\"}",
            "{\"a\":" + new string('[', 1000) + new string(']', 1000) + "}", new string('{', 60_000), "{\"" + new string('a', 60_000) + "\":1}", "{\"token\":1e999}", "{\"id\":123456789012345678901234567890}",
            "{\"\\ud800\":1}", "{\"a\\ud800\":null}", "\uFEFFx", "{\"\0\":1}",
        ];
        foreach (string body in bodies) (await admin.CallAsync(call, body)).ShouldBeProblem(400, because: body.Length > 100 ? body[..100] : body);
    }

    [Theory]
    [InlineData("POST /clients", "{{\"client_id\":{0}}}", 400)]
    [InlineData("PATCH /clients/worker", "{{\"access_token_format\":{0}}}", 400)]
    [InlineData("POST /users", "{{\"username\":{0},\"email\":\"n@example.com\",\"password\":\"a password\"}}", 400)]
    [InlineData("PATCH /users/1", "{{\"role\":{0}}}", 400)]
    public async Task A_text_with_NUL_or_half_a_character_is_refused(string call, string body, int status)
    {
        foreach (string text in (string[])["\"a\\u0000b\"", "\"a\\ud800\"", "\"\\udc00b\"", "\"a\\ud800\\ud800\""])
            (await admin.CallAsync(call, string.Format(body, text))).ShouldBeProblem(status, because: text);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_refused()
    {
        foreach (string call in WithBody)
        {
            string[] parts = call.Split(' ');
            using var request = new HttpRequestMessage(new HttpMethod(parts[0]), "/admin/api" + parts[1]) { Content = new ByteArrayContent([(byte)'{', (byte)'"', 0xFF, 0xC0, (byte)'"', (byte)':', (byte)'1', (byte)'}']) };
            request.Headers.Authorization = new("Bearer", admin.Token);
            request.Content.Headers.ContentType = new("application/json");
            (await admin.Server.SendAsync(request)).ShouldBeProblem(400, because: call);
        }
    }

    [Theory]
    [MemberData(nameof(BodyRoutes))]
    public async Task A_body_over_64_KB_is_413_and_one_of_64_KB_is_read(string call)
    {
        (await admin.CallAsync(call, "{\"x\":\"" + new string('a', 64 * 1024 - 8) + "\"}")).ShouldBeProblem(400);
        (await admin.CallAsync(call, "{\"x\":\"" + new string('a', 64 * 1024 - 7) + "\"}")).ShouldBeProblem(413);
        string[] parts = call.Split(' ');
        byte[] chunk = Encoding.ASCII.GetBytes("10001\r\n" + new string(' ', 0x10001) + "\r\n0\r\n\r\n");
        (await admin.Server.SendRawAsync($"{parts[0]} /admin/api{parts[1]} HTTP/1.1\nAuthorization: Bearer {admin.Token}\nContent-Type: application/json\nTransfer-Encoding: chunked", chunk)).Status.Should().Be(413);
    }

    [Theory]
    [MemberData(nameof(BodyRoutes))]
    public async Task A_body_of_another_type_is_415(string call)
    {
        string[] parts = call.Split(' ');
        foreach (string type in (string[])["text/plain", "application/x-www-form-urlencoded", "text/json;q", "application/xml", "multipart/form-data; boundary=x"])
        {
            using var request = new HttpRequestMessage(new HttpMethod(parts[0]), "/admin/api" + parts[1]) { Content = new ByteArrayContent("{}"u8.ToArray()) };
            request.Headers.Authorization = new("Bearer", admin.Token);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            (await admin.Server.SendAsync(request)).ShouldBeProblem(415, because: type);
        }
    }

    [Theory]
    [InlineData("PUT /clients", "GET, HEAD, POST")]
    [InlineData("DELETE /users", "GET, HEAD, POST")]
    [InlineData("POST /clients/web", "DELETE, GET, HEAD, PATCH")]
    [InlineData("GET /clients/web/revoke", "POST")]
    [InlineData("GET /tokens/revoke", "POST")]
    [InlineData("GET /sessions/1", "DELETE")]
    [InlineData("POST /audit", "GET, HEAD")]
    [InlineData("DELETE /audit", "GET, HEAD")]
    [InlineData("GET /keys/rotate", "POST")]
    public async Task A_wrong_method_is_405_with_Allow(string call, string allowed)
    {
        var answer = await admin.CallAsync(call);
        answer.ShouldBeProblem(405);
        answer.ContentHeaders.Allow.Order().Should().Equal(allowed.Split(", "));
    }

    [Theory]
    [InlineData("GET ")]
    [InlineData("GET /")]
    [InlineData("GET /nothing")]
    [InlineData("GET /clients/web/nothing")]
    [InlineData("POST /users/bob/disable")]
    [InlineData("POST /users/1.5/disable")]
    [InlineData("DELETE /users/99999999999")]
    [InlineData("POST /installs/codes/-/revoke")]
    [InlineData("DELETE /clients/")]
    public async Task An_address_where_nothing_is_answers_so(string call)
    {
        var answer = await admin.CallAsync(call);
        answer.Status.Should().BeOneOf(404, 405);
        answer.ShouldBeProblem(answer.Status);
    }

    [Theory]
    [InlineData("POST /clients/plain/revoke")]
    [InlineData("POST /users/2/disable")]
    [InlineData("DELETE /users/2")]
    [InlineData("DELETE /clients/plain")]
    [InlineData("POST /clients/plain/secret")]
    [InlineData("POST /keys/rotate")]
    [InlineData("DELETE /sessions/0000000000001")]
    public async Task An_act_with_a_parameter_that_is_not_understood_is_not_done(string call)
    {
        int before = admin.Server.AuditedEvents().Count;
        foreach (string query in (string[])["dry_run=yes", "dry_run", "dry_run=", "dry_run=true&dry_run=true", "dry_run=TRUE", "dryrun=true", "dry-run=true", "force=1"])
            (await admin.CallAsync($"{call}?{query}")).ShouldBeProblem(400, because: query);
        admin.Server.AuditedEvents().Should().HaveCount(before);
    }

    [Theory]
    [InlineData("GET /admin/api/clients/%00 HTTP/1.1")]
    [InlineData("GET /admin/api/clients/%zz HTTP/1.1")]
    [InlineData("GET /admin/api/clients/%FF%C0 HTTP/1.1")]
    [InlineData("GET /admin/api/clients/%ED%A0%80 HTTP/1.1")]
    [InlineData("GET /admin/api/clients?status=%ED%A0%80 HTTP/1.1")]
    [InlineData("GET /admin/api/audit?actor=%FF&from=%00 HTTP/1.1")]
    [InlineData("GET /admin/api/users/..%2f..%2fusers HTTP/1.1")]
    [InlineData("GET /admin/api/users/2147483648 HTTP/1.1")]
    [InlineData("DELETE /admin/api/sessions/%F0%9F%98%80 HTTP/1.1")]
    public async Task An_address_of_odd_bytes_is_refused(string line) =>
        (await admin.Server.SendRawAsync($"{line}\nAuthorization: Bearer {admin.Token}")).Status.Should().BeInRange(400, 404);

    [Fact]
    public async Task A_time_beyond_all_calendars_is_no_failure()
    {
        foreach (string list in (string[])["/audit", "/sessions"])
            foreach (string time in (string[])["0001-01-01", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00%2B14:00", "99999-01-01", "2026", "12:00"])
                foreach (string bound in (string[])["from", "to"])
                    (await admin.CallAsync($"GET {list}?{bound}={time}")).Status.Should().BeOneOf([200, 400], $"{list} {bound}={time}");
    }
}
