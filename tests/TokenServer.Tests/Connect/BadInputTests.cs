using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>Requests that are not what they should be get the face's own errors (contract sections 0 and 1).</summary>
public sealed class BadInputTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Form = "application/x-www-form-urlencoded", Credentials = $"grant_type=client_credentials&client_id=worker&client_secret={TestImport.Secret}";
    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData("&scope=api&scope=api")]
    [InlineData("&scope=&scope=api")]
    [InlineData("&scope=api&%73cope=api")]
    [InlineData("&grant_type=client_credentials")]
    [InlineData("&client_id=worker")]
    [InlineData("&unknown=1&unknown=2")]
    public async Task A_repeated_parameter_is_an_invalid_request(string more) => Expect(await FormAsync(Credentials + more), 400, "invalid_request");

    [Theory]
    [InlineData("?grant_type=client_credentials", "client_id=worker&client_secret=secret+of+a+test+client", 400, "invalid_request")]
    [InlineData("?client_id=worker&client_secret=secret+of+a+test+client", "grant_type=client_credentials", 401, "invalid_client")]
    [InlineData("?client_secret=secret+of+a+test+client", "grant_type=client_credentials&client_id=worker", 401, "invalid_client")]
    public async Task Parameters_in_the_address_are_never_read(string query, string body, int status, string error) => Expect(await FormAsync(body, "/connect/token" + query), status, error);

    [Fact]
    public async Task A_user_in_the_address_is_never_read() =>
        Expect(await FormAsync("grant_type=password&client_id=mobile", $"/connect/token?username=jane&password={Uri.EscapeDataString(TestImport.Password)}"), 400, "invalid_request");

    [Theory]
    [InlineData("/connect/introspect")]
    [InlineData("/connect/revoke")]
    public async Task A_token_in_the_address_is_never_read(string path) => Expect(await FormAsync($"client_id=api&client_secret={TestImport.Secret}", path + "?token=x"), 400, "invalid_request");

    [Theory]
    [InlineData("/connect/token")]
    [InlineData("/connect/introspect")]
    [InlineData("/connect/revoke")]
    [InlineData("/connect/userinfo")]
    public async Task JSON_where_a_form_is_due_is_an_invalid_request(string path) =>
        Expect(await server.PostContentAsync(path, "application/json", """{"grant_type":"client_credentials","client_id":"worker"}"""u8.ToArray()), 400, "invalid_request");

    [Theory]
    [InlineData("text/plain")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/x-www-form-urlencoded-not")]
    [InlineData(null)]
    public async Task A_wrong_content_type_is_an_invalid_request(string? type) =>
        Expect(await server.PostContentAsync("/connect/token", type, Encoding.UTF8.GetBytes(Credentials)), 400, "invalid_request");

    [Theory]
    [InlineData("application/x-www-form-urlencoded; charset=utf-8")]
    [InlineData("Application/X-WWW-Form-UrlEncoded")]
    public async Task The_content_type_may_be_spelled_out(string type) =>
        (await server.PostContentAsync("/connect/token", type, Encoding.UTF8.GetBytes(Credentials))).Status.Should().Be(200);

    [Theory]
    [InlineData("")]
    [InlineData("&&&")]
    [InlineData("=")]
    [InlineData("=x&y")]
    [InlineData("grant_type")]
    public async Task A_form_with_nothing_in_it_authenticates_nobody(string body) => Expect(await FormAsync(body), 401, "invalid_client");

    [Theory]
    [InlineData("%FF")]
    [InlineData("%C3")]
    [InlineData("%ED%A0%80")]
    [InlineData("%00")]
    [InlineData("a%00b")]
    [InlineData("%")]
    [InlineData("%4")]
    [InlineData("%zz")]
    [InlineData("%+1")]
    [InlineData("100%")]
    public async Task A_value_that_is_not_percent_encoded_UTF_8_is_an_invalid_request(string value)
    {
        Expect(await FormAsync(Credentials + "&x=" + value), 400, "invalid_request");
        Expect(await FormAsync(Credentials + "&" + value + "=x"), 400, "invalid_request");
    }

    [Theory]
    [InlineData(0xFF)]
    [InlineData(0xC3)]
    [InlineData(0x00)]
    public async Task A_raw_byte_that_is_not_UTF_8_or_NUL_is_an_invalid_request(byte value) =>
        Expect(await server.PostContentAsync("/connect/token", Form, [.. Encoding.UTF8.GetBytes(Credentials + "&x="), value]), 400, "invalid_request");

    [Theory]
    [InlineData("/connect/token")]
    [InlineData("/connect/introspect")]
    [InlineData("/connect/revoke")]
    [InlineData("/connect/userinfo")]
    public async Task A_body_over_64_KB_is_too_large(string path)
    {
        var answer = await FormAsync("x=" + new string('y', 64 * 1024), path);
        (answer.Status, answer["error"]).Should().Be((413, "invalid_request"));
    }

    [Fact]
    public async Task A_body_of_64_KB_is_read() =>
        (await FormAsync((Credentials + "&x=").PadRight(64 * 1024, 'y'))).Status.Should().Be(200);

    [Fact]
    public async Task Thousands_of_parameters_are_refused_before_they_cost_time() =>
        Expect(await FormAsync(Credentials + "&" + string.Join('&', Enumerable.Range(0, 8000).Select(i => "p" + i))), 400, "invalid_request");

    [Theory]
    [InlineData("GET", "/connect/token", "POST")]
    [InlineData("PUT", "/connect/token", "POST")]
    [InlineData("OPTIONS", "/connect/token", "POST")]
    [InlineData("GET", "/connect/introspect", "POST")]
    [InlineData("DELETE", "/connect/revoke", "POST")]
    [InlineData("PUT", "/connect/userinfo", "GET, HEAD, POST")]
    [InlineData("POST", "/.well-known/openid-configuration", "GET, HEAD")]
    [InlineData("POST", "/.well-known/jwks", "GET, HEAD")]
    public async Task A_wrong_method_is_answered_with_the_right_ones(string method, string path, string allowed)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        var answer = await server.SendAsync(request);
        Expect(answer, 405, "invalid_request");
        answer.ContentHeaders.Allow.Should().BeEquivalentTo(allowed.Split(", "));
    }

    [Theory]
    [InlineData("/connect")]
    [InlineData("/connect/")]
    [InlineData("/connect/nothing")]
    [InlineData("/connect/token/more")]
    [InlineData("/.well-known/nothing")]
    public async Task An_unknown_address_is_answered_in_the_faces_shape(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var answer = await server.SendAsync(request);
        answer.Status.Should().Be(404);
        answer.Json.Names().Should().Equal("error", "error_description");
    }

    private Task<Answer> FormAsync(string body, string path = "/connect/token") => server.PostContentAsync(path, Form, Encoding.UTF8.GetBytes(body));

    private static void Expect(Answer answer, int status, string error)
    {
        (answer.Status, answer["error"]).Should().Be((status, error));
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
    }
}
