using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TokenServer.Tests.Support;

/// <summary>What goes wrong with a request on its way.</summary>
/// <param name="Name">What a failing test calls it.</param>
/// <param name="Kind">What becomes of the request and its answer.</param>
/// <param name="StatusCode">The status that is answered instead of the server.</param>
/// <param name="RetryAfter">Its <c>Retry-After</c>.</param>
/// <param name="Body">Its body.</param>
internal sealed record Fault(string Name, FaultKind Kind, int StatusCode = 0, string? RetryAfter = null, string Body = "")
{
    public static readonly Fault
        Hold = new("held before the server", FaultKind.Hold),
        HoldAfter = new("held after the server", FaultKind.HoldAfter),
        CutBefore = new("cut before the server", FaultKind.CutBefore),
        CutAfter = new("cut after the server", FaultKind.CutAfter),
        CutInside = new("cut inside the answer", FaultKind.CutInside);

    public static Fault Status(int status, string? retryAfter = null, string body = "") => new($"{status} {retryAfter}".TrimEnd(), FaultKind.Status, status, retryAfter, body);

    public override string ToString() => Name;
}

/// <summary>Where a request, or the answer to it, is lost.</summary>
internal enum FaultKind
{
    Status,
    Hold,
    HoldAfter,
    CutBefore,
    CutAfter,
    CutInside,
}

/// <summary>Stands between a client and the server, and lets requests and answers get lost where a test wants that.</summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Eventually.Never;
    private readonly WebApplication app;
    private readonly HttpClient server;
    private readonly ConcurrentDictionary<string, Rule> rules = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> seen = new();

    private FaultyProxy(WebApplication app, string server)
    {
        this.app = app;
        this.server = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = new Uri(server) };
    }

    public string Address => app.Urls.First();

    /// <summary>The paths asked for so far, in their order, faulty or not.</summary>
    public IReadOnlyList<string> Seen => [.. seen];

    /// <summary>Starts one in front of the server at <paramref name="address"/>.</summary>
    public static async Task<FaultyProxy> StartAsync(string address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var proxy = new FaultyProxy(app, address);
        app.Run(proxy.PassAsync);
        await app.StartAsync();
        return proxy;
    }

    /// <summary>The next <paramref name="times"/> requests whose path ends in <paramref name="route"/> meet <paramref name="fault"/>.</summary>
    public void On(string route, Fault fault, int times = int.MaxValue) => rules[route] = new Rule(fault, times);

    /// <summary>Returns when a request is being held at <paramref name="route"/>.</summary>
    public Task HeldAsync(string route) => rules[route].Held.Task.WaitAsync(Patience);

    /// <summary>Everything passes from here on, what is being held too.</summary>
    public void Open()
    {
        foreach (string route in rules.Keys) Open(route);
    }

    /// <summary>Everything passes at <paramref name="route"/> from here on, what is being held too.</summary>
    public void Open(string route)
    {
        if (rules.TryRemove(route, out var rule)) rule.Opened.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        Open();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
        server.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        string path = context.Request.Path;
        seen.Enqueue(path);
        var rule = rules.Where(r => path.EndsWith(r.Key, StringComparison.Ordinal)).Select(r => r.Value).FirstOrDefault();
        if (rule is not null && !rule.Take()) rule = null;
        try
        {
            switch (rule?.Fault.Kind)
            {
                case null: await (await ForwardAsync(context)).WriteAsync(context); break;
                case FaultKind.Status: await AnswerAsync(context, rule.Fault); break;
                case FaultKind.Hold:
                    await rule.HoldAsync(context);
                    await (await ForwardAsync(context)).WriteAsync(context);
                    break;
                case FaultKind.HoldAfter:
                    var kept = await ForwardAsync(context);
                    await rule.HoldAsync(context);
                    await kept.WriteAsync(context);
                    break;
                case FaultKind.CutBefore: context.Abort(); break;
                case FaultKind.CutAfter:
                    await ForwardAsync(context);
                    context.Abort();
                    break;
                case FaultKind.CutInside:
                    await (await ForwardAsync(context)).WriteAsync(context, isCut: true);
                    context.Abort();
                    break;
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: there is nobody to answer.
        }
    }

    // The server acts, whether its answer arrives or not.
    private async Task<Relayed> ForwardAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, CancellationToken.None);
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), context.Request.Path + context.Request.QueryString);
        if (body.Length > 0) request.Content = new ByteArrayContent(body.ToArray());
        foreach (string name in (string[])["Authorization", "Content-Type", "User-Agent", "Cookie", "Origin"])
            if (context.Request.Headers[name] is { Count: > 0 } values && !request.Headers.TryAddWithoutValidation(name, (string?)values)) request.Content?.Headers.TryAddWithoutValidation(name, (string?)values);
        using var answer = await server.SendAsync(request, CancellationToken.None);
        return new Relayed((int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString(), answer.Headers.RetryAfter?.ToString(), await answer.Content.ReadAsByteArrayAsync(CancellationToken.None));
    }

    private static async Task AnswerAsync(HttpContext context, Fault fault)
    {
        context.Response.StatusCode = fault.StatusCode;
        if (fault.RetryAfter is not null) context.Response.Headers.RetryAfter = fault.RetryAfter;
        await context.Response.WriteAsync(fault.Body);
    }

    private sealed record Relayed(int Status, string? ContentType, string? RetryAfter, byte[] Body)
    {
        public async Task WriteAsync(HttpContext context, bool isCut = false)
        {
            (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (Status, ContentType, Body.Length);
            if (RetryAfter is not null) context.Response.Headers.RetryAfter = RetryAfter;
            await context.Response.Body.WriteAsync(isCut ? Body.AsMemory(0, Body.Length / 2) : Body, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private sealed class Rule(Fault fault, int times)
    {
        private int left = times;

        public Fault Fault => fault;
        public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Take() => Interlocked.Decrement(ref left) >= 0;

        public Task HoldAsync(HttpContext context)
        {
            Held.TrySetResult();
            return Opened.Task.WaitAsync(context.RequestAborted);
        }
    }
}
