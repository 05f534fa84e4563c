using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>What a gateway reads from a token server, by a program that does it well or as badly as a test says.</summary>
internal sealed class PretendServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private int jwksAsked;

    private PretendServer(WebApplication app)
    {
        this.app = app;
        Jwks = GiveKeysAsync;
        Stream = StreamAsync;
        Poll = context => context.Response.WriteAsJsonAsync(new { sets = new { }, cursor = "", keys = Mark });
    }

    public string Address => app.Urls.First();
    public string KeyId { get; private set; } = "one";

    /// <summary>What answers for the keys, the stream of the feed, the polled feed.</summary>
    public RequestDelegate Jwks { get; set; }
    public RequestDelegate Stream { get; set; }
    public RequestDelegate Poll { get; set; }

    /// <summary>How often the keys were asked for.</summary>
    public int JwksAsked => Volatile.Read(ref jwksAsked);

    public string Mark => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(KeyId + "\n")));

    public static async Task<PretendServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new PretendServer(app);
        app.Run(context => context.Request.Path.Value switch
        {
            "/.well-known/jwks" => server.CountAsync(context),
            "/connect/events/stream" => server.Stream(context),
            "/connect/events" => server.Poll(context),
            _ => context.Response.WriteAsync("nothing"),
        });
        await app.StartAsync();
        return server;
    }

    /// <summary>Has another key from here on, and no more the one before.</summary>
    public void ReplaceKey(string id) => (key, KeyId) = (ECDsa.Create(ECCurve.NamedCurves.nistP256), id);

    public Task GiveKeysAsync(HttpContext context)
    {
        var q = key.ExportParameters(false).Q;
        return context.Response.WriteAsJsonAsync(new
        {
            keys = new[] { new { kid = KeyId, kty = "EC", alg = "ES256", use = "sig", crv = "P-256", x = Base64Url.EncodeToString(q.X), y = Base64Url.EncodeToString(q.Y) } },
        });
    }

    /// <summary>A stream that says every tenth of a second that nothing is missing.</summary>
    public async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.WriteAsync($$"""
                id: 1.x
                event: current
                data: {"time":{{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000}},"keys":"{{Mark}}"}


                """.ReplaceLineEndings("\n"), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(100, context.RequestAborted);
        }
    }

    /// <summary>An access token as the server makes them; members of <paramref name="claims"/> and <paramref name="header"/> replace, null removes.</summary>
    public string Token(object? claims = null, object? header = null) => Sign(Changed(new()
    {
        ["iss"] = Address, ["aud"] = "api", ["sub"] = "someone", ["client_id"] = "worker", ["jti"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
        ["iat"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), ["exp"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 600, ["scope"] = "api",
    }, claims), header);

    /// <summary>A token with this payload, to the letter.</summary>
    public string Sign(string payload, object? header = null)
    {
        string head = Changed(new() { ["alg"] = "ES256", ["kid"] = KeyId, ["typ"] = "at+jwt" }, header);
        return Jwt.Make(head, payload, data => key.SignData(data, HashAlgorithmName.SHA256));
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private Task CountAsync(HttpContext context)
    {
        Interlocked.Increment(ref jwksAsked);
        return Jwks(context);
    }

    private static string Changed(Dictionary<string, object?> members, object? changes)
    {
        foreach (var member in changes is null ? [] : JsonSerializer.SerializeToElement(changes).EnumerateObject().ToList())
        {
            if (member.Value.ValueKind == JsonValueKind.Null) members.Remove(member.Name);
            else members[member.Name] = member.Value;
        }
        return JsonSerializer.Serialize(members);
    }
}
