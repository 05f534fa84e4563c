using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using TokenServer.Accounts.Pins;
using TokenServer.Import;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>Requests to the product faces, in short.</summary>
internal static class SeedRequests
{
    public const string Pin = "1234";

    /// <summary>Sends a request; <paramref name="body"/> goes as JSON, a string as it is.</summary>
    public static async Task<Answer> CallAsync(this TestServer server, string method, string path, string? bearer = null, object? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        return await server.SendAsync(request);
    }

    public static Task<Answer> GetAsync(this TestServer server, string path, string? bearer = null) => server.CallAsync("GET", path, bearer);

    public static Task<Answer> PostJsonAsync(this TestServer server, string path, object? body, string? bearer = null) => server.CallAsync("POST", path, bearer, body);

    /// <summary>POST /api/login.</summary>
    public static Task<Answer> InTunnelLoginAsync(this TestServer server, string user = "jane", string password = TestImport.Password) =>
        server.PostJsonAsync("/api/login", new { email = user + "@example.com", password });

    /// <summary>A session token of the InTunnel face.</summary>
    public static async Task<string> SessionTokenAsync(this TestServer server, string user = "jane") => (await server.InTunnelLoginAsync(user))["token"]!;

    /// <summary>POST /auth/login.</summary>
    public static Task<Answer> VpnLoginAsync(this TestServer server, string user = "jane", string password = TestImport.Password, string prefix = "/auth") =>
        server.PostJsonAsync(prefix + "/login", new { email = user + "@example.com", password });

    /// <summary>POST /api/v1/auth/login.</summary>
    public static Task<Answer> AccountLoginAsync(this TestServer server, string user = "jane", string password = TestImport.Password) =>
        server.PostJsonAsync("/api/v1/auth/login", new { username = user, password });

    /// <summary>An access token of the Account face.</summary>
    public static async Task<string> AccountTokenAsync(this TestServer server, string user = "jane") => (await server.AccountLoginAsync(user))["token"]!;

    /// <summary>A new API key: its id and its text.</summary>
    public static async Task<(string Id, string Key)> ApiKeyAsync(this TestServer server, string token, string name = "My Integration Key")
    {
        var made = await server.PostJsonAsync("/api/v1/auth/keys", new { name }, token);
        return (made["keyId"]!, made["apiKey"]!);
    }

    /// <summary>A new tunnel: its id and its token.</summary>
    public static async Task<(long Id, string Token)> TunnelAsync(this TestServer server, string token, string name = "home")
    {
        var tunnel = (await server.PostJsonAsync("/api/tunnels", new { name }, token)).Json.GetProperty("tunnel");
        return (tunnel.Number("id"), tunnel.Text("token"));
    }

    /// <summary>Sets the PIN to <see cref="Pin"/>.</summary>
    public static Task SetPinAsync(this TestServer server) => server.Get<PinFile>().SetAsync(Pin, "test");

    /// <summary>A PIN token; the PIN must be set.</summary>
    public static async Task<string> PinTokenAsync(this TestServer server) => (await server.PostJsonAsync("/api/auth", new { pin = Pin }))["token"]!;

    /// <summary>Registers a client that may introspect tokens of <paramref name="audience"/>.</summary>
    public static Task AddIntrospectorAsync(this TestServer server, string clientId, string audience) => server.Get<Importer>().ApplyAsync(ImportDocument.Parse(Encoding.UTF8.GetBytes($$"""
        {"clients":[{"client_id":"{{clientId}}","client_secret":"{{TestImport.Secret}}","audiences":["{{audience}}"],"introspection":true}]}
        """)), "test");
}
