using System.Net.Http.Headers;
using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.OpenIddict;

/// <summary>Forms to the letter and the paths of the endpoints, for tests of what OpenIddict would do otherwise by itself.</summary>
internal static class Calls
{
    public const string Token = "/connect/token", Introspect = "/connect/introspect", Revoke = "/connect/revoke";
    public const string UserInfo = "/connect/userinfo", Jwks = "/.well-known/jwks";
    public const string Form = "application/x-www-form-urlencoded";
    public const string Configuration = "/.well-known/openid-configuration", Server = "/.well-known/oauth-authorization-server";

    /// <summary>POSTs <paramref name="body"/> as it is, the client authenticated by Basic unless it is null.</summary>
    public static async Task<Answer> FormAsync(
        this TestServer server, string path, string body, string? client = null, string secret = TestImport.Secret, string? type = Form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        if (type is not null) request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (client is not null) request.Headers.Authorization = OAuth.Basic(client, secret);
        return await server.SendAsync(request);
    }

    /// <summary>A request without a body, with an Authorization header where one is given.</summary>
    public static async Task<Answer> AskAsync(
        this TestServer server, string method, string path, AuthenticationHeaderValue? authorization = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = authorization;
        return await server.SendAsync(request);
    }

    /// <summary>Asserts an OAuth error: status, code, its two members and no <c>error_uri</c>, and the headers of every error.</summary>
    public static void ShouldBeError(this Answer answer, int status, string code)
    {
        (answer.Status, answer["error"]).Should().Be((status, code), "the body is {0}", answer.Body);
        answer.Json.Names().Should().BeEquivalentTo("error", "error_description");
        answer["error_description"].Should().MatchRegex("^[ -~]+$");
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
    }
}
