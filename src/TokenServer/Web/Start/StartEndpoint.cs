using TokenServer.Web.Shared;

namespace TokenServer.Web.Start;

/// <summary>GET / for browsers: what this server is, and where to go. To who does not ask for a page there is nothing here.</summary>
internal static class StartEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/", (RequestDelegate)ShowAsync);

    private static Task ShowAsync(HttpContext context)
    {
        if (PrefersPage(context.Request)) return new Page<StartPage>().ExecuteAsync(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    // RFC 9110 section 12.5.1. What takes anything, as curl does, has not asked for a page.
    private static bool PrefersPage(HttpRequest request)
    {
        double page = 0, json = 0;
        foreach (var range in request.GetTypedHeaders().Accept)
        {
            double quality = range.Quality ?? 1;
            if (range.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase)) page = Math.Max(page, quality);
            else if (range.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)) json = Math.Max(json, quality);
        }
        return page > 0 && page >= json;
    }
}
