using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenServer.Sample.Gateway;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>The sample gateway before an API that says hello, both on ports of their own.</summary>
internal sealed class GatewayRig : IAsyncDisposable
{
    /// <summary>How clients call the gateway, whatever its address in a test.</summary>
    public const string Origin = "https://api.example.com";

    /// <summary>Where the API begins an answer and never ends it, and where it says by a WebSocket what it hears.</summary>
    public const string Endless = "/endless", Socket = "/socket";

    private readonly WebApplication api, gateway;

    private GatewayRig(WebApplication api, WebApplication gateway, FeedWayHandler way)
    {
        (this.api, this.gateway, Way) = (api, gateway, way);
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(gateway.Urls.First()), Timeout = Eventually.Never };
    }

    public HttpClient Http { get; }
    public FeedWayHandler Way { get; }
    public RevokedFeed Feed => gateway.Services.GetRequiredService<RevokedFeed>();
    public KeySet Keys => gateway.Services.GetRequiredService<KeySet>();
    public RevokedTokens Revoked => gateway.Services.GetRequiredService<RevokedTokens>();
    public System.Diagnostics.Metrics.IMeterFactory Meters => gateway.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
    public HealthListener Health => gateway.Services.GetRequiredService<HealthListener>();
    public Relay Relay => gateway.Services.GetRequiredService<Relay>();

    /// <summary>Starts a gateway that knows what was revoked.</summary>
    /// <param name="issuer">The server, or the way to it.</param>
    /// <param name="clock">The server's clock, where that stands still.</param>
    /// <param name="settings">Settings of the gateway, as <c>Gateway:Name=value</c>.</param>
    public static Task<GatewayRig> StartAsync(string issuer, TimeProvider clock, params string[] settings) => StartAsync(issuer, clock, new FeedWayHandler(), settings);

    /// <inheritdoc cref="StartAsync(string, TimeProvider, string[])"/>
    public static async Task<GatewayRig> StartAsync(string issuer, TimeProvider clock, FeedWayHandler way, params string[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var api = builder.Build();
        api.UseWebSockets();
        api.Run(context => context.Request.Path.Value switch
        {
            Endless => NeverEndAsync(context),
            Socket => EchoAsync(context),
            _ => context.Response.WriteAsync("hello " + context.Request.Path),
        });
        await api.StartAsync();
        var gateway = GatewayHost.Build(
        [
            "--urls=http://127.0.0.1:0", $"--Gateway:Issuer={issuer}", "--Gateway:ClientId=api", $"--Gateway:ClientSecret={TestImport.Secret}",
            $"--Gateway:Origin={Origin}", "--Gateway:Health=127.0.0.1:0",
            $"--ReverseProxy:Clusters:api:Destinations:first:Address={api.Urls.First()}", .. settings.Select(s => "--" + s),
        ], made =>
        {
            made.Services.AddSingleton(clock).AddSingleton(new HttpClient(way) { Timeout = Timeout.InfiniteTimeSpan });
            made.Logging.ClearProviders();
        });
        await gateway.StartAsync();
        var rig = new GatewayRig(api, gateway, way);
        (await Eventually.TrueAsync(() => Task.FromResult(rig.Feed.IsFresh), Eventually.Never)).Should().BeTrue();
        return rig;
    }

    /// <summary>Breaks what is open of the feed off, and waits until what is known is too old.</summary>
    public async Task CutAsync()
    {
        Way.IsCut = true;
        (await Eventually.TrueAsync(() => Task.FromResult(!Feed.IsFresh), Eventually.Never)).Should().BeTrue();
        Way.IsCut = false;
    }

    /// <summary>The status of a request with a token.</summary>
    public async Task<HttpStatusCode> AskAsync(string? token, string scheme = "Bearer")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/things");
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue(scheme, token);
        using var response = await Http.SendAsync(request);
        return response.StatusCode;
    }

    /// <summary>How long it takes from now, or from <paramref name="began"/>, until a token is refused.</summary>
    public async Task<TimeSpan> UntilRefusedAsync(string token, long? began = null)
    {
        long from = began ?? TimeProvider.System.GetTimestamp();
        long asked;
        do asked = TimeProvider.System.GetTimestamp();
        while (await AskAsync(token) == HttpStatusCode.OK);
        // What was asked before the moment may be answered after it.
        return TimeProvider.System.GetElapsedTime(from, Math.Max(from, asked));
    }

    private static async Task NeverEndAsync(HttpContext context)
    {
        await context.Response.WriteAsync("x", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        byte[] heard = new byte[64];
        while (await socket.ReceiveAsync(heard, context.RequestAborted) is { CloseStatus: null } got)
            await socket.SendAsync(heard.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, context.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await gateway.DisposeAsync();
        await api.DisposeAsync();
    }
}
