using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Support;

/// <summary>A client of the code flow: its requests, and what comes back to its address.</summary>
internal sealed class CodeClient
{
    public const string Callback = "https://client.example/cb", Verifier = "a-verifier-of-a-test-client-0123456789-0123456789";

    /// <summary>shop: confidential, never asks for consent; basic: the same without PKCE; app: public, at this machine and by a scheme of its
    /// own; push: has to push; ask: asks once; each: asks each time; narrow: no codes; api: introspects.</summary>
    public const string Import = $$"""
        {
          "clients": [
            { "client_id": "shop", "client_secret": "{{TestImport.Secret}}", "consent_type": "implicit", "grant_types": ["authorization_code", "refresh_token"],
              "redirect_uris": ["{{Callback}}", "{{Callback}}?a=1&b=x%20y"], "scope": "openid profile email offline_access api admin" },
            { "client_id": "basic", "client_secret": "{{TestImport.Secret}}", "consent_type": "implicit", "grant_types": ["authorization_code", "refresh_token"], "require_pkce": false,
              "redirect_uris": ["{{Callback}}", "{{Callback}}/2"], "scope": "openid profile email offline_access" },
            { "client_id": "app", "consent_type": "implicit", "grant_types": ["authorization_code", "refresh_token"],
              "redirect_uris": ["http://127.0.0.1/cb", "http://[::1]:7000/cb", "http://localhost/cb?x=1", "com.example.app:/cb"], "scope": "openid offline_access api" },
            { "client_id": "push", "client_secret": "{{TestImport.Secret}}", "consent_type": "implicit", "grant_types": ["authorization_code"], "require_pushed_authorization_requests": true,
              "redirect_uris": ["{{Callback}}"], "scope": "openid api" },
            { "client_id": "ask", "client_secret": "{{TestImport.Secret}}", "grant_types": ["authorization_code"], "redirect_uris": ["{{Callback}}"], "scope": "openid api" },
            { "client_id": "each", "client_secret": "{{TestImport.Secret}}", "consent_type": "systematic", "grant_types": ["authorization_code"], "redirect_uris": ["{{Callback}}"], "scope": "openid api" },
            { "client_id": "narrow", "client_secret": "{{TestImport.Secret}}", "grant_types": ["client_credentials"], "redirect_uris": ["{{Callback}}"], "scope": "api" },
            { "client_id": "api", "client_secret": "{{TestImport.Secret}}", "audiences": ["api"], "introspection": true }
          ],
          "scopes": [{ "name": "api", "display_name": "API", "resources": ["api"] }, { "name": "files", "resources": ["files"] }],
          "users": [
            { "username": "jane", "email": "jane@example.com", "name": "Jane Doe", "role": "admin", "password": "{{TestImport.Password}}" },
            { "username": "john", "email": "john@example.com", "name": "John Roe", "password": "{{TestImport.Password}}", "totp_secret": "{{TestImport.TotpSecret}}" },
            { "username": "bob", "email": "bob@example.com", "name": "Bob Poe", "password": "{{TestImport.Password}}" }
          ]
        }
        """;

    /// <summary>The S256 challenge of a verifier.</summary>
    public static string Challenge(string verifier = Verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    /// <summary>The parameters of a request, with some of them other; without those whose value is null.</summary>
    public static (string Name, string Value)[] Parameters(string client = "shop", params (string Name, string? Value)[] other)
    {
        var parameters = new Dictionary<string, string?>
        {
            ["client_id"] = client, ["response_type"] = "code", ["redirect_uri"] = Callback, ["scope"] = "openid", ["state"] = "a state",
            ["code_challenge"] = Challenge(), ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in other) parameters[name] = value;
        return [.. parameters.Where(p => p.Value is not null).Select(p => (p.Key, p.Value!))];
    }

    /// <summary>The address of such a request.</summary>
    public static string Address(string client = "shop", params (string Name, string? Value)[] other) => Query(Parameters(client, other));

    public static string Query(IEnumerable<(string Name, string Value)> parameters) =>
        "/connect/authorize?" + string.Join('&', parameters.Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}"));
}

/// <summary>What tests do with the code flow.</summary>
internal static class CodeFlow
{
    /// <summary>Sends the browser with a request, and reads what comes back to the client.</summary>
    public static async Task<Dictionary<string, string>> AuthorizeAsync(this Browser browser, string client = "shop", params (string Name, string? Value)[] other) =>
        (await browser.GetAsync(CodeClient.Address(client, other))).Back();

    /// <summary>A code for a browser that is signed in.</summary>
    public static async Task<string> CodeAsync(this Browser browser, string client = "shop", params (string Name, string? Value)[] other) =>
        (await browser.AuthorizeAsync(client, other))["code"];

    /// <summary>What an answer takes back to the client's address; fails where it goes elsewhere.</summary>
    public static Dictionary<string, string> Back(this Answer answer, string to = CodeClient.Callback)
    {
        answer.Status.Should().Be(303, answer.Body);
        string location = answer.Headers.Location!.OriginalString;
        location.Should().StartWith(to);
        answer.Headers.CacheControl!.NoStore.Should().BeTrue();
        answer.Headers.GetValues("Referrer-Policy").Should().Equal("no-referrer");
        return QueryHelpers.ParseQuery(location[location.IndexOf('?', StringComparison.Ordinal)..]).ToDictionary(p => p.Key, p => p.Value.ToString());
    }

    /// <summary>A page with status 400, and no way to anywhere.</summary>
    public static void ShouldBeRefusedHere(this Answer answer)
    {
        (answer.Status, answer.Headers.Location).Should().Be((400, null), answer.Body);
        answer.ContentHeaders.ContentType!.MediaType.Should().Be("text/html");
        answer.Headers.GetValues("Content-Security-Policy").Single().Should().Contain("frame-ancestors 'none'");
    }

    /// <summary>Shows a code at the token endpoint, with some parameters other; without those whose value is null.</summary>
    public static Task<Answer> ExchangeAsync(this TestServer server, string code, string client = "shop", params (string Name, string? Value)[] other)
    {
        var form = new Dictionary<string, string?>
        {
            ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = CodeClient.Callback, ["code_verifier"] = CodeClient.Verifier,
        };
        if (client == "app") form["client_id"] = client;
        foreach (var (name, value) in other) form[name] = value;
        return server.TokenAsync(client == "app" ? null : client, [.. form.Where(p => p.Value is not null).Select(p => (p.Key, p.Value!))]);
    }

    /// <summary>A whole flow: the token answer.</summary>
    public static async Task<Answer> SignInByCodeAsync(this Browser browser, TestServer server, string scope = "openid offline_access api", string client = "shop")
    {
        var answer = await server.ExchangeAsync(await browser.CodeAsync(client, ("scope", scope)), client);
        answer.Status.Should().Be(200, answer.Body);
        return answer;
    }
}

/// <summary>One server with <see cref="CodeClient.Import"/> for all tests of a class that leave it as they found it, and bob's browser.</summary>
public sealed class CodeServer : IAsyncLifetime
{
    internal TestServer Server { get; private set; } = null!;

    /// <summary>Signed in by a password.</summary>
    internal Browser Bob { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await TestServer.StartAsync(FaceRequests.NoLimits, CodeClient.Import, isPatient: true);
        Bob = await Browser.OfAsync(Server);
    }

    public async Task DisposeAsync()
    {
        Bob.Dispose();
        await Server.DisposeAsync();
    }
}
