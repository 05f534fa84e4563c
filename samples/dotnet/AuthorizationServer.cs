using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace TokenServer.Sample;

/// <summary>The server's endpoints, as its metadata (RFC 8414) names them.</summary>
internal sealed class AuthorizationServer(HttpClient http, JsonElement metadata)
{
    public string Issuer => metadata.Text("issuer")!;

    public static async Task<AuthorizationServer> DiscoverAsync(HttpClient http, Uri url) =>
        new(http, JsonDocument.Parse(await http.GetStringAsync(new Uri(url, "/.well-known/openid-configuration"))).RootElement);

    public async Task<JsonElement> KeysAsync() => JsonDocument.Parse(await http.GetStringAsync(Endpoint("jwks_uri"))).RootElement;

    /// <summary>Tokens, or an OAuth error: look for <c>error</c>.</summary>
    public async Task<JsonElement> TokenAsync(ClientCredential client, params (string Name, string Value)[] form) => (await PostAsync("token_endpoint", client, form)).Body;

    /// <summary>Tokens that are bound to a key (RFC 9449), or an OAuth error.</summary>
    public async Task<JsonElement> TokenAsync(Dpop dpop, ClientCredential client, params (string Name, string Value)[] form)
    {
        using var response = await dpop.SendAsync(http, () => Post("token_endpoint", client, form));
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    /// <summary>What the server says of a token (RFC 7662).</summary>
    public async Task<JsonElement> IntrospectAsync(ClientCredential client, string token)
    {
        var (status, body) = await PostAsync("introspection_endpoint", client, ("token", token));
        Promise.Holds(status == HttpStatusCode.OK, "introspection answers 200");
        return body;
    }

    /// <summary>Ends a token, and the session it belongs to (RFC 7009).</summary>
    public async Task RevokeAsync(ClientCredential client, string token)
    {
        var (status, _) = await PostAsync("revocation_endpoint", client, ("token", token));
        Promise.Holds(status == HttpStatusCode.OK, "revocation answers 200");
    }

    /// <summary>Who signed in (OpenID Connect Core section 5.3).</summary>
    public async Task<JsonElement> UserInfoAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Endpoint("userinfo_endpoint")) { Headers = { Authorization = new("Bearer", accessToken) } };
        using var response = await http.SendAsync(request);
        Promise.Holds(response.StatusCode == HttpStatusCode.OK, "userinfo answers 200");
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    private Uri Endpoint(string name) => new(metadata.Text(name)!);

    private HttpRequestMessage Post(string endpoint, ClientCredential client, (string Name, string Value)[] form) => new(HttpMethod.Post, Endpoint(endpoint))
    {
        Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))), Headers = { Authorization = client.ToHeader() },
    };

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string endpoint, ClientCredential client, params (string Name, string Value)[] form)
    {
        using var request = Post(endpoint, client, form);
        using var response = await http.SendAsync(request);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }
}

/// <summary>A client's id and secret.</summary>
internal sealed record ClientCredential(string Id, string Secret)
{
    /// <summary>client_secret_basic; both are form-encoded inside (RFC 6749 section 2.3.1).</summary>
    public AuthenticationHeaderValue ToHeader() =>
        new("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{WebUtility.UrlEncode(Id)}:{WebUtility.UrlEncode(Secret)}")));
}
