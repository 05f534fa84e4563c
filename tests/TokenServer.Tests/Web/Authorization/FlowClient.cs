using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Authorization;

/// <summary>A client that signs people in by the code flow (OAuth 2.1), with a challenge of its own.</summary>
internal sealed class FlowClient(string id = "photos", string redirectUri = Asked.Callback)
{
    /// <summary>photos: asks once for each scope; strict: each time; own: never; app: public, at a scheme of its own.
    /// ann, carl, dora: as bob.</summary>
    public const string Import = $$"""
        {
          "clients": [
            { "client_id": "photos", "client_name": "Photo Printer", {{Common}} },
            { "client_id": "strict", "consent_type": "systematic", {{Common}} },
            { "client_id": "own", "consent_type": "implicit", {{Common}} },
            { "client_id": "app", "client_name": "The App", "grant_types": ["authorization_code"], "response_types": ["code"],
              "redirect_uris": ["com.example.app:/signed-in"], "scope": "openid api" },
            { "client_id": "tv", "client_secret": "{{TestImport.Secret}}", "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"],
              "scope": "openid api" },
            { "client_id": "api", "client_secret": "{{TestImport.Secret}}", "audiences": ["api"], "introspection": true }
          ],
          "scopes": [{ "name": "api", "display_name": "API", "resources": ["api"], "description": "See your tunnels and change them" }],
          "users": [
            { "username": "jane", "email": "jane@example.com", "role": "admin", "password": "{{TestImport.Password}}" },
            { "username": "john", "email": "john@example.com", "password": "{{TestImport.Password}}", "totp_secret": "{{TestImport.TotpSecret}}" },
            { "username": "bob", "email": "bob@example.com", "password": "{{TestImport.Password}}" },
            { "username": "ann", "email": "ann@example.com", "password": "{{TestImport.Password}}" },
            { "username": "carl", "email": "carl@example.com", "password": "{{TestImport.Password}}" },
            { "username": "dora", "email": "dora@example.com", "password": "{{TestImport.Password}}" }
          ]
        }
        """;

    private const string Common = $$"""
        "client_secret": "{{TestImport.Secret}}", "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "redirect_uris": ["{{Asked.Callback}}"], "scope": "openid profile email offline_access api"
        """;

    private readonly string verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The address of an authorization request.</summary>
    public string Authorize(string scope = "openid api", params (string, string)[] more)
    {
        var query = new Dictionary<string, string?>
        {
            ["client_id"] = id, ["response_type"] = "code", ["redirect_uri"] = redirectUri, ["scope"] = scope, ["state"] = "a state",
            ["nonce"] = "a nonce", ["code_challenge_method"] = "S256",
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
        };
        foreach (var (name, value) in more) query[name] = value;
        return QueryHelpers.AddQueryString("/connect/authorize", query);
    }

    /// <summary>What an answer that goes back to the client says; null where it goes elsewhere.</summary>
    public Dictionary<string, string>? Reply(Answer answer)
    {
        if (answer.Headers.Location?.OriginalString is not { } to || !to.StartsWith(redirectUri + "?", StringComparison.Ordinal)) return null;
        var reply = QueryHelpers.ParseQuery(to[redirectUri.Length..]).ToDictionary(p => p.Key, p => p.Value.ToString());
        (reply.GetValueOrDefault("state"), reply.ContainsKey("iss")).Should().Be(("a state", true), "each answer has both (RFC 9207)");
        return reply;
    }

    /// <summary>What goes with a code to the token endpoint.</summary>
    public (string, string)[] Exchange(string code) =>
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectUri), ("code_verifier", verifier)];

    /// <summary>Exchanges a code.</summary>
    public Task<Answer> ExchangeAsync(TestServer server, string code) => server.TokenAsync(id, Exchange(code));
}

/// <summary>A person's way through the pages of a client's request.</summary>
internal static class Ways
{
    /// <summary>Goes to an address of the server, and on until a page or the way to the client.</summary>
    public static async Task<Answer> GoAsync(this Browser browser, string path) => await browser.FollowAsync(await browser.GetAsync(path));

    /// <summary>Follows an answer's redirects within the server.</summary>
    public static async Task<Answer> FollowAsync(this Browser browser, Answer answer)
    {
        for (int i = 0; answer.Headers.Location?.OriginalString is ['/', ..] to; i++)
        {
            i.Should().BeLessThan(10, "no way goes round in circles");
            answer = await browser.GetAsync(to);
        }
        return answer;
    }

    /// <summary>Sends the form of the page just shown that leads on with the request, and follows.</summary>
    public static async Task<Answer> SendAsync(this Browser browser, Answer page, string action, params (string, string)[] fields)
    {
        page.Body.Should().Contain($"action=\"{action}\"");
        string hidden = page.Body[(page.Body.IndexOf("name=\"return\" value=\"", StringComparison.Ordinal) + 21)..];
        string onward = System.Net.WebUtility.HtmlDecode(hidden[..hidden.IndexOf('"', StringComparison.Ordinal)]);
        return await browser.FollowAsync(await browser.PostAsync(action, [.. fields, ("return", onward)]));
    }

    /// <summary>Signs in on the sign-in page of a client's request.</summary>
    public static Task<Answer> SignInAsync(this Browser browser, Answer page, string user) =>
        browser.SendAsync(page, "/account/sign-in", ("username", user), ("password", TestImport.Password));
}
