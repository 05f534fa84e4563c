namespace TokenServer.Sample.Gateway;

/// <summary>Answers <c>/health</c> where the operator asks and nobody else: 200 while it is known what was revoked, else 503. On the public
/// address there is nothing of it.</summary>
public sealed class HealthListener(GatewayOptions options, RevokedFeed feed, RevokedTokens revoked) : IHostedService, IAsyncDisposable
{
    private WebApplication? app;

    /// <summary>Where it listens; null where it does not.</summary>
    public Uri? Address { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Health.Length == 0) return;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://" + options.Health);
        app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync(cancellationToken);
        Address = new Uri(app.Urls.First());
    }

    public Task StopAsync(CancellationToken cancellationToken) => app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => app?.DisposeAsync() ?? default;

    private Task AnswerAsync(HttpContext context)
    {
        bool isHealth = context.Request.Path == "/health", isFresh = feed.IsFresh;
        context.Response.StatusCode = !isHealth ? StatusCodes.Status404NotFound
            : isFresh ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return isHealth ? context.Response.WriteAsJsonAsync(new GatewayHealth(isFresh, feed.Age?.TotalSeconds, revoked.Count)) : Task.CompletedTask;
    }
}

/// <summary>How the gateway is.</summary>
/// <param name="Fresh">Whether it knows what was revoked.</param>
/// <param name="FeedAge">How old what it knows is, in seconds; null where it never knew.</param>
/// <param name="Entries">How much is dead and kept.</param>
public sealed record GatewayHealth(bool Fresh, double? FeedAge, int Entries);
