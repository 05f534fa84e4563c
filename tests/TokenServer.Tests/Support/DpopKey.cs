using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TokenServer.Tests.Support;

/// <summary>A key pair, and the DPoP proofs (RFC 9449) that it signs.</summary>
internal sealed class DpopKey(string algorithm = "ES256")
{
    private static int made;
    private readonly ClientKey key = new(algorithm, kid: null);

    public ClientKey Key => key;

    /// <summary>The RFC 7638 thumbprint, made by hand: the required members in their order.</summary>
    public string Thumbprint
    {
        get
        {
            var jwk = key.Jwk;
            string[] names = (string)jwk["kty"] switch { "EC" => ["crv", "kty", "x", "y"], "OKP" => ["crv", "kty", "x"], _ => ["e", "kty", "n"] };
            return Hash("{" + string.Join(',', names.Select(n => $"\"{n}\":\"{jwk[n]}\"")) + "}");
        }
    }

    /// <summary>A proof for a request; a member of <paramref name="claims"/> or <paramref name="header"/> replaces, null removes.</summary>
    public string Prove(TestServer server, string method, string path, string? token = null, object? claims = null, object? header = null, string? nonce = null)
    {
        var said = new Dictionary<string, object?>
        {
            ["jti"] = "proof " + Interlocked.Increment(ref made), ["htm"] = method, ["htu"] = server.Address + path,
            ["iat"] = server.Clock.GetUtcNow().ToUnixTimeSeconds(), ["ath"] = token is null ? null : Hash(token), ["nonce"] = nonce,
        };
        return Sign(Changed(said, claims), header);
    }

    /// <summary>A proof for the token endpoint.</summary>
    public string ForTokens(TestServer server, object? claims = null, object? header = null, string? nonce = null) =>
        Prove(server, "POST", "/connect/token", null, claims, header, nonce);

    public string Sign(object claims, object? header = null)
    {
        var members = new Dictionary<string, object?> { ["typ"] = "dpop+jwt", ["jwk"] = key.Jwk };
        return key.AssertRaw(JsonSerializer.Serialize(claims), Changed(members, header, keepNulls: true));
    }

    public static string Hash(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    private static Dictionary<string, object?> Changed(Dictionary<string, object?> members, object? changes, bool keepNulls = false)
    {
        if (changes is not null)
            foreach (var change in JsonSerializer.SerializeToElement(changes).EnumerateObject()) members[change.Name] = change.Value;
        return members.Where(m => keepNulls || m.Value is not (null or JsonElement { ValueKind: JsonValueKind.Null })).ToDictionary(m => m.Key, m => m.Value);
    }
}

/// <summary>Requests with proofs.</summary>
internal static class DpopRequests
{
    /// <summary>bound: must always prove a key; tv: a public device client; gate: exchanges; pushing: pushes; boundapp: public and bound.</summary>
    public const string Import = $$"""
        {
          "clients": [
            { "client_id": "web", "client_secret": "{{TestImport.Secret}}", "grant_types": ["password", "refresh_token", "urn:tokenserver:grant-type:two_factor"], "scope": "openid profile offline_access api admin", "introspection": true },
            { "client_id": "worker", "client_secret": "{{TestImport.Secret}}", "grant_types": ["client_credentials"], "scope": "api files" },
            { "client_id": "bound", "client_secret": "{{TestImport.Secret}}", "grant_types": ["client_credentials", "password"], "scope": "openid profile api admin", "dpop_bound_access_tokens": true },
            { "client_id": "opaque", "client_secret": "{{TestImport.Secret}}", "grant_types": ["client_credentials"], "scope": "api", "access_token_format": "opaque" },
            { "client_id": "mobile", "grant_types": ["password", "refresh_token", "urn:tokenserver:grant-type:two_factor"], "scope": "openid offline_access api" },
            { "client_id": "tv", "grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"], "scope": "openid offline_access api" },
            { "client_id": "gate", "client_secret": "{{TestImport.Secret}}", "grant_types": ["urn:ietf:params:oauth:grant-type:token-exchange", "client_credentials"], "scope": "api files", "audiences": ["api"], "exchange_audiences": ["files"] },
            { "client_id": "shop", "client_secret": "{{TestImport.Secret}}", "consent_type": "implicit", "grant_types": ["authorization_code", "refresh_token"],
              "redirect_uris": ["{{CodeClient.Callback}}"], "scope": "openid offline_access api" },
            { "client_id": "app", "consent_type": "implicit", "grant_types": ["authorization_code", "refresh_token"], "redirect_uris": ["com.example.app:/cb"], "scope": "openid offline_access api" },
            { "client_id": "strict", "client_secret": "{{TestImport.Secret}}", "consent_type": "implicit", "grant_types": ["authorization_code", "refresh_token"], "require_pushed_authorization_requests": true,
              "redirect_uris": ["{{CodeClient.Callback}}"], "scope": "openid offline_access api", "dpop_bound_access_tokens": true },
            { "client_id": "api", "client_secret": "{{TestImport.Secret}}", "audiences": ["api", "files"], "introspection": true }
          ],
          "scopes": [{ "name": "api", "display_name": "API", "resources": ["api"] }, { "name": "files", "resources": ["files"] }],
          "users": [
            { "username": "jane", "email": "jane@example.com", "name": "Jane Doe", "role": "admin", "password": "{{TestImport.Password}}" },
            { "username": "john", "email": "john@example.com", "name": "John Roe", "password": "{{TestImport.Password}}", "totp_secret": "{{TestImport.TotpSecret}}" },
            { "username": "bob", "email": "bob@example.com", "name": "Bob Poe", "password": "{{TestImport.Password}}" }
          ]
        }
        """;

    /// <summary>POSTs a form with DPoP headers, authenticated by Basic unless <paramref name="client"/> is null.</summary>
    public static async Task<Answer> ProveAsync(this TestServer server, string[] proofs, string path, string? client, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        if (client is not null) request.Headers.Authorization = OAuth.Basic(client, TestImport.Secret);
        request.Headers.TryAddWithoutValidation("DPoP", proofs);
        return await server.SendAsync(request);
    }

    /// <summary>Asks for tokens with a proof; by name alone where the client is public.</summary>
    public static Task<Answer> BoundAsync(this TestServer server, string proof, string client, params (string Name, string Value)[] form)
    {
        bool isPublic = client is "mobile" or "tv" or "app";
        return server.ProveAsync([proof], "/connect/token", isPublic ? null : client, isPublic ? [("client_id", client), .. form] : form);
    }

    /// <summary>A client's own token, bound to the key.</summary>
    public static Task<Answer> BoundAsync(this TestServer server, DpopKey key, string client = "worker", string? nonce = null) =>
        server.BoundAsync(key.ForTokens(server, nonce: nonce), client, ("grant_type", "client_credentials"));

    /// <summary>Signs a user in, bound to the key.</summary>
    public static async Task<Answer> SignInAsync(this TestServer server, DpopKey key, string client = "mobile", string scope = "openid offline_access api", string user = "bob", string? nonce = null)
    {
        var answer = await server.BoundAsync(key.ForTokens(server, nonce: nonce), client,
            ("grant_type", "password"), ("username", user), ("password", TestImport.Password), ("scope", scope));
        answer.Status.Should().Be(200, answer.Body);
        answer["token_type"].Should().Be("DPoP");
        return answer;
    }

    /// <summary>Calls a route with a token by a scheme, and a proof where there is one.</summary>
    public static async Task<Answer> ShowAsync(this TestServer server, string method, string path, string token, string? proof, string scheme = "DPoP", object? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null) request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation("Authorization", $"{scheme} {token}");
        if (proof is not null) request.Headers.TryAddWithoutValidation("DPoP", proof);
        return await server.SendAsync(request);
    }

    /// <summary>The nonce in an answer; null where there is none.</summary>
    public static string? Nonce(this Answer answer) => answer.Headers.TryGetValues("DPoP-Nonce", out var values) ? values.Single() : null;

    /// <summary>400 with this error, in RFC 6749's shape.</summary>
    public static void ShouldBeRefused(this Answer answer, string error = "invalid_dpop_proof")
    {
        (answer.Status, answer["error"]).Should().Be((400, error), answer.Body);
        answer["error_description"].Should().NotBeNullOrEmpty();
    }
}

/// <summary>One server with <see cref="DpopRequests.Import"/> for all tests of a class that leave it as they found it.</summary>
public sealed class DpopServer : IAsyncLifetime
{
    internal TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await TestServer.StartAsync(FaceRequests.NoLimits, DpopRequests.Import, isPatient: true);

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
