using System.Net.Http.Headers;
using System.Security.Cryptography;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>Requests to replicas, in short; a caller has an address of its own, as the limits see it.</summary>
internal static class Caller
{
    /// <summary>A client by <paramref name="way"/>.</summary>
    /// <param name="way">How requests come to a server; it outlives the client.</param>
    /// <param name="address">The server's.</param>
    /// <param name="callsFrom">The caller's; that of this machine where null.</param>
    public static HttpClient Create(HttpMessageHandler way, string address, string? callsFrom)
    {
        var http = new HttpClient(way, disposeHandler: false) { BaseAddress = new Uri(address), Timeout = Eventually.Never };
        if (callsFrom is not null) http.DefaultRequestHeaders.Add("X-Forwarded-For", callsFrom);
        return http;
    }

    /// <summary>An address that nobody else calls from, most likely.</summary>
    public static string NewAddress() => new System.Net.IPAddress((byte[])[10, .. RandomNumberGenerator.GetBytes(3)]).ToString();

    /// <summary>POSTs a form, authenticated by Basic with the test secret, or <paramref name="secret"/>, unless <paramref name="client"/> is null.</summary>
    public static async Task<Answer> PostFormAsync(this HttpClient http, string path, string? client, (string Name, string Value)[] form, string secret = TestImport.Secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        if (client is not null) request.Headers.Authorization = OAuth.Basic(client, secret);
        using var response = await http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    public static Task<Answer> TokenAsync(this HttpClient http, string? client, params (string Name, string Value)[] form) => http.PostFormAsync("/connect/token", client, form);

    public static Task<Answer> SignInAsync(this HttpClient http, string user = "bob") =>
        http.TokenAsync("web", ("grant_type", "password"), ("username", user), ("password", TestImport.Password), ("scope", "openid profile offline_access api"));

    public static Task<Answer> RefreshAsync(this HttpClient http, string refreshToken) => http.TokenAsync("web", ("grant_type", "refresh_token"), ("refresh_token", refreshToken));

    public static Task<Answer> RevokeAsync(this HttpClient http, string client, string token) => http.PostFormAsync("/connect/revoke", client, [("token", token)]);

    public static Task<Answer> IntrospectAsync(this HttpClient http, string token, string client = "api") => http.PostFormAsync("/connect/introspect", client, [("token", token)]);

    /// <summary>Whether the token is good; an answer that does not say fails the test.</summary>
    public static async Task<bool> IsActiveAsync(this HttpClient http, string token, string client = "api") => (await http.IntrospectAsync(token, client)).Should200().Json.GetProperty("active").GetBoolean();

    /// <summary>A token of the administrator's.</summary>
    public static async Task<string> AdminTokenAsync(this HttpClient http) => (await http.TokenAsync("robot", ("grant_type", "client_credentials"), ("scope", "admin"))).Should200()["access_token"]!;

    public static Answer Should200(this Answer answer) => answer.ShouldSay(200);

    /// <summary>Fails unless the answer has this status.</summary>
    public static Answer ShouldSay(this Answer answer, int status)
    {
        if (answer.Status != status) throw new Xunit.Sdk.XunitException($"{status} was due, and the answer is {answer.Status} {answer.Body}");
        return answer;
    }
}
