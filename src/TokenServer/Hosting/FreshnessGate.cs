using TokenServer.Storage;

namespace TokenServer.Hosting;

/// <summary>Lets no request be decided by knowledge older than a second: it catches up first, or is refused with 503.
/// A probe asks for no decision.</summary>
internal static class FreshnessGate
{
    public static void UseFreshnessGate(this WebApplication app)
    {
        var feed = app.Services.GetRequiredService<ChangeFeed>();
        app.Use((context, next) =>
        {
            if (!context.Request.Path.StartsWithSegments("/health")) feed.EnsureFresh();
            return next(context);
        });
    }
}
