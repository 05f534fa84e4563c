using TokenServer.Foundation;

namespace TokenServer.Hosting;

/// <summary>Refuses, before the body is read, what is not over HTTPS where that is required, and what says that it is too large.</summary>
internal static class RequestGate
{
    public static void UseRequestGate(this WebApplication app)
    {
        var https = app.Services.GetRequiredService<HttpsPolicy>();
        app.Use((context, next) =>
        {
            int refused = https.Refuses(context.Request) ? StatusCodes.Status403Forbidden
                : context.Request.ContentLength > RequestLimits.LargestBody ? StatusCodes.Status413PayloadTooLarge : 0;
            if (refused == 0) return next(context);
            context.Response.StatusCode = refused;
            return Task.CompletedTask;
        });
    }
}
