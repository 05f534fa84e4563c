using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace TokenServer.Tests.Support;

/// <summary>An OAuth client's requests, in short.</summary>
internal static class OAuth
{
    /// <summary>POSTs a form, authenticated by Basic with the test secret unless <paramref name="client"/> is null.</summary>
    public static async Task<Answer> PostAsync(this TestServer server, string path, string? client, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        if (client is not null) request.Headers.Authorization = Basic(client, TestImport.Secret);
        return await server.SendAsync(request);
    }

    public static async Task<Answer> SendAsync(this TestServer server, HttpRequestMessage request)
    {
        using var response = await server.Http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    public static AuthenticationHeaderValue Basic(string client, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(client)}:{Uri.EscapeDataString(secret)}")));

    public static Task<Answer> TokenAsync(this TestServer server, string? client, params (string Name, string Value)[] form) => server.PostAsync("/connect/token", client, form);

    /// <summary>Signs a user in by the password grant.</summary>
    public static Task<Answer> SignInAsync(this TestServer server, string client = "web", string user = "jane", string scope = "openid offline_access api", string password = TestImport.Password) =>
        server.TokenAsync(client, ("grant_type", "password"), ("username", user), ("password", password), ("scope", scope));

    /// <summary>The second step of a sign-in.</summary>
    public static Task<Answer> SecondFactorAsync(this TestServer server, string tempToken, string code, string client = "web") =>
        server.TokenAsync(client, ("grant_type", "urn:tokenserver:grant-type:two_factor"), ("temp_token", tempToken), ("code", code));

    /// <summary>John's code of so many time steps from now.</summary>
    public static string TotpCode(this TestServer server, int steps = 0) => Authenticator.Code(TestImport.TotpSecret, server.Clock.GetUtcNow(), steps);

    /// <summary>A token of the client worker's own.</summary>
    public static async Task<string> WorkerTokenAsync(this TestServer server, string client = "worker") => (await server.TokenAsync(client, ("grant_type", "client_credentials")))["access_token"]!;

    public static Task<Answer> IntrospectAsync(this TestServer server, string token, string client = "api") => server.PostAsync("/connect/introspect", client, ("token", token));

    /// <summary>GETs UserInfo with a Bearer token.</summary>
    public static Task<Answer> UserInfoAsync(this TestServer server, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return server.SendAsync(request);
    }

    public static Task<Answer> RefreshAsync(this TestServer server, string refreshToken, string client = "web") =>
        server.TokenAsync(client, ("grant_type", "refresh_token"), ("refresh_token", refreshToken));

    public static async Task<bool> IsActiveAsync(this TestServer server, string token, string client = "api") =>
        (await server.PostAsync("/connect/introspect", client, ("token", token))).Json.GetProperty("active").GetBoolean();
}

/// <summary>An answer, read whole.</summary>
internal sealed record Answer(int Status, string Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>A member of the JSON body as text; null where it is not there.</summary>
    public string? this[string name] => Json.TryGetProperty(name, out var value) ? value.ToString() : null;
}
