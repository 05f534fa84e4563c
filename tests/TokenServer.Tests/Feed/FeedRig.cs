using System.Net.Http.Json;
using System.Text.Json;
using TokenServer.RevocationFeed;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>Clients whose tokens are revoked, and clients that read of it.</summary>
internal static class FeedRig
{
    /// <summary>web and worker get tokens; api and files read, each for its audience; web2 is another with api; quiet has no introspection;
    /// swap exchanges for archive, which archive reads.</summary>
    public const string Import = $$"""
        {
          "clients": [
            { "client_id": "web", "client_secret": "{{TestImport.Secret}}", "grant_types": ["password", "refresh_token"], "scope": "openid offline_access api files" },
            { "client_id": "worker", "client_secret": "{{TestImport.Secret}}", "grant_types": ["client_credentials"], "scope": "api" },
            { "client_id": "filer", "client_secret": "{{TestImport.Secret}}", "grant_types": ["client_credentials"], "scope": "files" },
            { "client_id": "swap", "client_secret": "{{TestImport.Secret}}", "grant_types": ["urn:ietf:params:oauth:grant-type:token-exchange"], "scope": "files", "exchange_audiences": ["archive"] },
            { "client_id": "api", "client_secret": "{{TestImport.Secret}}", "audiences": ["api"], "introspection": true },
            { "client_id": "files", "client_secret": "{{TestImport.Secret}}", "audiences": ["files"], "introspection": true },
            { "client_id": "archive", "client_secret": "{{TestImport.Secret}}", "audiences": ["archive"], "introspection": true },
            { "client_id": "quiet", "client_secret": "{{TestImport.Secret}}", "grant_types": ["client_credentials"], "scope": "api" },
            { "client_id": "mobile", "grant_types": ["password"], "scope": "openid api" }
          ],
          "scopes": [{ "name": "api", "resources": ["api"] }, { "name": "files", "resources": ["files"] }, { "name": "archive", "resources": ["archive"] }],
          "users": [
            { "username": "bob", "email": "bob@example.com", "password": "{{TestImport.Password}}" },
            { "username": "jane", "email": "jane@example.com", "role": "admin", "password": "{{TestImport.Password}}" }
          ]
        }
        """;

    public static Task<TestServer> StartAsync(params string[] settings) => TestServer.StartAsync(settings, Import);

    /// <summary>Polls at once, unless <paramref name="body"/> says otherwise.</summary>
    public static async Task<Answer> PollAsync(this TestServer server, object? body = null, string? client = "api", string secret = TestImport.Secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/events")
            { Content = JsonContent.Create(body ?? new { returnImmediately = true }) };
        if (client is not null) request.Headers.Authorization = OAuth.Basic(client, secret);
        return await server.SendAsync(request);
    }

    /// <summary>Polls until there is something.</summary>
    public static async Task<IReadOnlyList<JsonElement>> NextAsync(this TestServer server, string cursor = "", string client = "api") =>
        (await server.PollAsync(new { cursor }, client)).Events();

    /// <summary>All there is for a client once everything that was answered before has been read.</summary>
    public static async Task<IReadOnlyList<JsonElement>> AllAsync(this TestServer server, string client = "api")
    {
        await server.SettleAsync();
        return (await server.PollAsync(new { cursor = "", returnImmediately = true, maxEvents = 500 }, client)).Events();
    }

    /// <summary>Returns when this process has read what was committed before.</summary>
    public static async Task SettleAsync(this TestServer server)
    {
        long last = server.Get<Database>().Read(s => s.All("""SELECT coalesce(max("Id"), 0) FROM "Revocations" """, r => r.GetInt64(0)))[0];
        (await Eventually.TrueAsync(() => Task.FromResult(server.Get<TokenServer.Tokens.RevocationIndex>().LastRow >= last), Eventually.Never)).Should().BeTrue();
    }

    /// <summary>The claims of the events in an answer.</summary>
    public static IReadOnlyList<JsonElement> Events(this Answer answer)
    {
        answer.Status.Should().Be(200, answer.Body);
        return [.. answer.Json.GetProperty("sets").EnumerateObject().Select(s => Jwt.Claims(s.Value.GetString()!))];
    }

    /// <summary>The type of an event, without what all have before it.</summary>
    public static string TypeOf(this JsonElement claims) => claims.GetProperty("events").Names().Single().Split('/')[^1];

    /// <summary>What died: the id of a session, a token or a client.</summary>
    public static string Subject(this JsonElement claims)
    {
        var subject = claims.GetProperty("sub_id");
        return subject.Text("format") == "jwt_id" ? subject.Text("jti")
            : subject.GetProperty(claims.TypeOf() == "session-revoked" ? "session" : "application").Text("id");
    }

    /// <summary>Signs bob in and ends the session; its id.</summary>
    public static async Task<string> EndSessionAsync(this TestServer server, string scope = "openid offline_access api")
    {
        var signedIn = await server.SignInAsync("web", "bob", scope);
        await server.PostAsync("/connect/revoke", "web", ("token", signedIn["refresh_token"] ?? signedIn["access_token"]!));
        return Jwt.Claims(signedIn["access_token"]!).Text("sid");
    }

    /// <summary>Revokes a token of a client's own; its id.</summary>
    public static async Task<string> RevokeTokenAsync(this TestServer server, string client = "worker")
    {
        string token = await server.WorkerTokenAsync(client);
        (await server.PostAsync("/connect/revoke", client, ("token", token))).Status.Should().Be(200);
        return Jwt.Claims(token).Text("jti");
    }

    public static string Type(string name) => EventTokens.Types.Single(t => t.EndsWith(name, StringComparison.Ordinal));
}

/// <summary>An open stream of the feed.</summary>
internal sealed class FeedSubscription : IDisposable
{
    private readonly HttpResponseMessage response;
    private readonly StreamReader lines;

    private FeedSubscription(HttpResponseMessage response, StreamReader lines) => (this.response, this.lines) = (response, lines);

    public string LastId { get; private set; } = "";

    public static async Task<FeedSubscription> OpenAsync(HttpClient http, string client = "api", string? lastId = null, string reader = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/events/stream?reader=" + reader)
            { Headers = { Authorization = OAuth.Basic(client, TestImport.Secret) } };
        if (lastId is not null) request.Headers.Add("Last-Event-ID", lastId);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        ((int)response.StatusCode).Should().Be(200);
        response.Content.Headers.ContentType!.ToString().Should().Be("text/event-stream");
        return new(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>The next event; null where the stream ends as it should.</summary>
    public async Task<(string Name, string Data)?> NextAsync()
    {
        string name = "", data = "";
        while (await lines.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) LastId = line[4..];
            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
            if (line.Length == 0 && name.Length > 0) return (name, data);
        }
        return null;
    }

    /// <summary>The claims of what comes up to the next <c>current</c>.</summary>
    public async Task<IReadOnlyList<JsonElement>> UpToCurrentAsync()
    {
        var events = new List<JsonElement>();
        while (await NextAsync() is var (name, data) && name != "current")
            if (name == "set") events.Add(Jwt.Claims(data));
        return events;
    }

    /// <summary>The claims of the next event that tells of something.</summary>
    public async Task<JsonElement> NextSetAsync()
    {
        while (await NextAsync() is var (name, data))
            if (name == "set") return Jwt.Claims(data);
        throw new InvalidOperationException("the stream ended");
    }

    public void Dispose()
    {
        lines.Dispose();
        response.Dispose();
    }
}
