using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace TokenServer.Tests.Support;

/// <summary>A client's address for logout tokens, on a port of its own: keeps what it was sent, and answers as a test wants.</summary>
internal sealed class LogoutReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<LogoutCall> calls = new();

    private LogoutReceiver(WebApplication app) => this.app = app;

    /// <summary>Where it is.</summary>
    public string Address => app.Urls.First() + "/logout";

    /// <summary>What it answers: 200 unless a test says otherwise.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    public IReadOnlyList<LogoutCall> Calls => [.. calls];

    /// <summary>The claims of the tokens so far.</summary>
    public IReadOnlyList<System.Text.Json.JsonElement> Claims => [.. calls.Select(c => Jwt.Claims(c.Token))];

    public static async Task<LogoutReceiver> StartAsync(Action<ListenOptions>? listen = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration()
            .ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, port, o => listen?.Invoke(o)));
        var receiver = new LogoutReceiver(builder.Build());
        receiver.app.Run(receiver.TakeAsync);
        await receiver.app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until it was sent so many tokens.</summary>
    public async Task HasAsync(int count) =>
        (await Eventually.TrueAsync(() => Task.FromResult(calls.Count >= count), TimeSpan.FromSeconds(60))).Should().BeTrue("it is told");

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        string token = context.Request.HasFormContentType ? (await context.Request.ReadFormAsync())["logout_token"].ToString() : "";
        calls.Enqueue(new(context.Request.Method, context.Request.Path, token,
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        await Answer(context);
    }
}

/// <summary>A request that a receiver was sent.</summary>
internal sealed record LogoutCall(string Method, string Path, string Token, IReadOnlyDictionary<string, string> Headers);
