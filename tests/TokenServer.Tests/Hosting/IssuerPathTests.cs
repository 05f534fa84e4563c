using System.Text.RegularExpressions;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Hosting;

/// <summary>An issuer with a path: everything is below it, whether or not a proxy takes it off.</summary>
public sealed partial class IssuerPathTests
{
    private const string Issuer = "https://id.example.com/tenants/one";

    [Theory]
    [InlineData("/tenants/one/.well-known/openid-configuration")]
    [InlineData("/tenants/one/.well-known/oauth-authorization-server")]
    [InlineData("/.well-known/oauth-authorization-server/tenants/one")]
    [InlineData("/.well-known/openid-configuration/tenants/one")]
    [InlineData("/.well-known/openid-configuration")]
    public async Task The_metadata_is_where_both_standards_have_it(string path)
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:Issuer=" + Issuer]);
        var answer = await server.CallAsync("GET", path);
        answer.Status.Should().Be(200);
        (answer["issuer"], answer["token_endpoint"], answer["jwks_uri"]).Should().Be((Issuer, Issuer + "/connect/token", Issuer + "/.well-known/jwks"));
    }

    [Theory]
    [InlineData("/.well-known/oauth-authorization-server/tenants/two")]
    [InlineData("/tenants/two/.well-known/openid-configuration")]
    [InlineData("/tenants/onedotfive/connect/token")]
    [InlineData("/TENANTS/one/.well-known/openid-configuration")]
    public async Task Another_path_is_not_found(string path)
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:Issuer=" + Issuer]);
        (await server.CallAsync("GET", path)).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_trailing_slash_of_the_issuer_is_no_part_of_the_path()
    {
        await using var server = await TestServer.StartAsync([$"--TokenServer:Issuer={Issuer}/"]);
        var answer = await server.CallAsync("GET", "/tenants/one/.well-known/openid-configuration");
        (answer["issuer"], answer["token_endpoint"]).Should().Be((Issuer + "/", Issuer + "/connect/token"));
    }

    [Theory]
    [InlineData("/tenants/one")]
    [InlineData("")]
    public async Task Tokens_pages_cookies_and_the_install_command_have_it(string shown)
    {
        await using var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, "--TokenServer:Issuer=" + Issuer]);
        var token = await server.PostAsync(shown + "/connect/token", "worker", ("grant_type", "client_credentials"));
        token.Status.Should().Be(200);
        (await server.PostAsync(shown + "/connect/introspect", "api", ("token", token["access_token"]!)))["iss"].Should().Be(Issuer);
        (await server.CallAsync("GET", shown + "/account")).Headers.Location!.OriginalString.Should().StartWith("/tenants/one/account/sign-in?return=%2Faccount");
        var page = await server.CallAsync("GET", shown + "/account/sign-in");
        ShouldLinkBelow(page.Body);
        var signedIn = await SignInAsync(server, shown + "/account/sign-in", page);
        signedIn.Headers.Location!.OriginalString.Should().Be("/tenants/one/account");
        foreach (var answer in (Answer[])[page, signedIn])
            answer.Headers.GetValues("Set-Cookie").Should().OnlyContain(c => c.Contains("path=/tenants/one", StringComparison.OrdinalIgnoreCase));
        var start = await server.CallAsync("GET", shown + "/", null, null, ("Accept", "text/html"));
        ShouldLinkBelow(start.Body);
        start.Body.Should().Contain("/tenants/one/account");
        var install = await server.CallAsync("GET", shown + "/slowdns");
        ShouldLinkBelow(install.Body);
        install.Body.Should().Contain("/tenants/one/slowdns/install.sh -o install.sh").And.Contain($"SLOWDNS_URL={Issuer.TrimEnd('/')} bash");
        (await server.CallAsync("GET", shown + "/slowdns/install.sh")).Status.Should().Be(200);
        (await server.CallAsync("GET", shown + "/openapi")).Status.Should().Be(200);
        (await server.CallAsync("GET", shown + "/openapi/v1.json")).Json.GetProperty("servers")[0].GetProperty("url").GetString().Should().Be(Issuer);
    }

    [Fact]
    public async Task Without_a_path_nothing_is_prefixed_and_cookies_are_for_the_whole_host()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:Issuer=https://id.example.com"]);
        var page = await server.CallAsync("GET", "/account/sign-in");
        var signedIn = await SignInAsync(server, "/account/sign-in", page);
        signedIn.Headers.GetValues("Set-Cookie").Should().Contain(c => c.StartsWith("tokenserver_session=", StringComparison.Ordinal) && c.Contains("path=/;", StringComparison.OrdinalIgnoreCase));
        signedIn.Headers.Location!.OriginalString.Should().Be("/account");
    }

    private static Task<Answer> SignInAsync(TestServer server, string path, Answer page)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent([new("username", "bob"), new("password", TestImport.Password), new("return", "/account"), new("antiforgery", Token().Match(page.Body).Groups[1].Value)]),
        };
        request.Headers.Add("Cookie", string.Join("; ", page.Headers.GetValues("Set-Cookie").Select(c => c.Split(';')[0])));
        return server.SendAsync(request);
    }

    private static void ShouldLinkBelow(string html)
    {
        var links = Link().Matches(html).Select(m => m.Groups[1].Value).Where(l => l.StartsWith('/')).ToList();
        links.Should().NotBeEmpty().And.OnlyContain(l => l.StartsWith("/tenants/one/", StringComparison.Ordinal) && !l.StartsWith("/tenants/one/tenants", StringComparison.Ordinal));
    }

    [GeneratedRegex("""(?:href|src|action|data-api)="([^"]+)""")]
    private static partial Regex Link();

    [GeneratedRegex("""name="antiforgery" value="([^"]+)""")]
    private static partial Regex Token();
}
