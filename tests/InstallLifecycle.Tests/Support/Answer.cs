using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace InstallLifecycle.Tests.Support;

/// <summary>An answer, read whole.</summary>
internal sealed record Answer(int Status, string Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;
    public JsonElement Data => Json.GetProperty("data");

    /// <summary>The code of the error, whichever of the two shapes it has; null where it is a success.</summary>
    public string? Code => Json.TryGetProperty("error", out var error) ? error.ValueKind == JsonValueKind.String ? error.GetString() : error.GetProperty("code").GetString() : null;

    /// <summary>Status and code at once: <c>200</c>, or <c>409 machine_mismatch</c>.</summary>
    public string Outcome => Code is { } code ? $"{Status} {code}" : $"{Status}";

    /// <summary>Seconds to wait; null where nothing is said of that.</summary>
    public double? RetryAfter => Headers.RetryAfter?.Delta?.TotalSeconds;
}

/// <summary>Requests, in short.</summary>
internal static class Requests
{
    public const string V2 = "/api/v2/slowdns";

    /// <summary>Sends a request; <paramref name="body"/> goes as JSON, a string or bytes as they are.</summary>
    public static async Task<Answer> SendAsync(this TestHost host, string method, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is HttpContent content) request.Content = content;
        else if (body is not null)
            request.Content = new ByteArrayContent(body as byte[] ?? Encoding.UTF8.GetBytes(body as string ?? JsonSerializer.Serialize(body))) { Headers = { ContentType = new("application/json") } };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value).Should().BeTrue();
        using var response = await host.Http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    public static Task<Answer> PostAsync(this TestHost host, string path, object? body, params (string Name, string Value)[] headers) => host.SendAsync("POST", path, body, headers);

    /// <summary>As <see cref="PostAsync(TestHost, string, object?, ValueTuple{string, string}[])"/>, with a Bearer token.</summary>
    public static Task<Answer> PostAsAsync(this TestHost host, string? bearer, string path, object? body = null) => host.PostAsync(path, body, bearer is null ? [] : [("Authorization", "Bearer " + bearer)]);

    public static Task<Answer> GetAsync(this TestHost host, string path, string? bearer = null) => host.SendAsync("GET", path, null, bearer is null ? [] : [("Authorization", "Bearer " + bearer)]);

    /// <summary>Asks for a code with a cookie.</summary>
    public static Task<Answer> IssueAsync(this TestHost host, string? cookie, params (string Name, string Value)[] headers) =>
        host.PostAsync($"{V2}/code/issue", null, cookie is null ? headers : [("Cookie", cookie), .. headers]);

    /// <summary>Asks for a code in a session of its own.</summary>
    public static async Task<Answer> IssueAsync(this TestHost host) => await host.IssueAsync(await host.OpenPageAsync());

    /// <summary>A member that is there and is a string.</summary>
    public static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;

    /// <summary>An answer's member of <c>data</c>.</summary>
    public static string Text(this Answer answer, string name)
    {
        answer.Status.Should().BeInRange(200, 299, "the body is {0}", answer.Body);
        return answer.Data.Text(name);
    }
}
