using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using TokenServer.Clients;

namespace TokenServer.Tests.Support;

/// <summary>Requests to the product faces, in short.</summary>
internal static class FaceRequests
{
    /// <summary>Settings under which no limit is ever met.</summary>
    public static readonly string[] NoLimits =
        ["--RateLimits:Login:Permits=100000", "--RateLimits:Api:Permits=100000", "--RateLimits:Password:Permits=100000", "--RateLimits:Pin:Permits=100000",
            "--RateLimits:Device:Permits=100000"];

    /// <summary>Sends a request with a Bearer token, and <paramref name="body"/> as JSON; a string is taken as it is.</summary>
    public static async Task<Answer> CallAsync(this TestServer server, string method, string path, string? bearer = null, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null) request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body as string ?? JsonSerializer.Serialize(body))) { Headers = { ContentType = new("application/json") } };
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await server.SendAsync(request);
    }

    /// <summary>A new tunnel of the session's account.</summary>
    public static async Task<(long Id, string Token)> AddTunnelAsync(this TestServer server, string bearer, string name = "office")
    {
        var tunnel = (await server.CallAsync("POST", "/api/tunnels", bearer, new { name })).Json.GetProperty("tunnel");
        return (tunnel.Number("id"), tunnel.Text("token"));
    }

    /// <summary>A new API key of the session's account.</summary>
    public static async Task<(string Id, string Key)> AddKeyAsync(this TestServer server, string bearer, string name = "ci")
    {
        var key = (await server.CallAsync("POST", "/api/v1/auth/keys", bearer, new { name })).Json;
        return (key.Text("keyId"), key.Text("apiKey"));
    }

    /// <summary>Registers the client relay, which introspects tunnel and PIN tokens.</summary>
    public static Task AddRelayAsync(this TestServer server) => server.Get<ClientRegistry>().AddAsync(
        new ClientRegistration { ClientId = "relay", ClientSecret = TestImport.Secret, GrantTypes = [], Audiences = ["tunnel", "pin"], Introspection = true }, "test");

    /// <summary>Whether every face takes the token, or else none does and it is inactive; anything between fails the test.</summary>
    public static async Task<bool> IsGoodEverywhereAsync(this TestServer server, string token)
    {
        (string Path, string Refusal)[] places =
        [
            ("/auth/me", """{"success":false,"error":"Invalid token"}"""), ("/v1/auth/me", """{"success":false,"error":"Invalid token"}"""),
            ("/api/tunnels", """{"success":false,"error":"Invalid token"}"""), ("/api/v1/auth/keys", """{"error":"Authentication required"}"""),
        ];
        bool active = await server.IsActiveAsync(token);
        foreach (var (path, refusal) in places)
        {
            var answer = await server.CallAsync("GET", path, token);
            answer.Status.Should().Be(active ? 200 : 401, path);
            if (!active) answer.Body.Should().Be(refusal, path);
        }
        return active;
    }
}
