using System.Text.RegularExpressions;
using TokenServer.Foundation;

namespace TokenServer.Hosting;

/// <summary>An issuer with a path: everything is below it, whether or not a proxy has taken it off; its metadata is also where RFC 8414
/// section 3 puts it, before the path. The pages write their links from the root, and here they get it.</summary>
internal static partial class IssuerPath
{
    private static readonly PathString WellKnown = "/.well-known";
    private static readonly PathString[] Pages = ["/account", "/admin", "/slowdns", "/openapi", "/connect", "/device"];

    public static void UseIssuerPath(this WebApplication app)
    {
        if (app.Services.GetRequiredService<Issuer>().Path is not { HasValue: true } path) return;
        app.Use(async (context, next) =>
        {
            Enter(context.Request, path);
            context.Response.OnStarting(() => Lead(context.Response, path));
            bool isPage = context.Request.Path == "/" || Pages.Any(page => context.Request.Path.StartsWithSegments(page));
            if (isPage) await WithLinksAsync(context, next, path);
            else await next(context);
        });
        // Else the framework would look for the endpoint before the path is off.
        app.UseRouting();
    }

    private static void Enter(HttpRequest request, PathString path)
    {
        if (request.Path.StartsWithSegments(path, StringComparison.Ordinal, out var rest)) request.Path = rest.HasValue ? rest : "/";
        else if (request.Path.StartsWithSegments(WellKnown) && request.Path.Value!.EndsWith(path.Value!, StringComparison.Ordinal))
            request.Path = request.Path.Value[..^path.Value!.Length];
        request.PathBase = path;
    }

    private static Task Lead(HttpResponse response, PathString path)
    {
        if (response.Headers.Location is [['/', .. not ['/', ..]] location]) response.Headers.Location = path + location;
        return Task.CompletedTask;
    }

    private static async Task WithLinksAsync(HttpContext context, RequestDelegate next, PathString path)
    {
        var body = context.Response.Body;
        using var page = new MemoryStream();
        context.Response.Body = page;
        try
        {
            await next(context);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        finally
        {
            context.Response.Body = body;
        }
        ReadOnlyMemory<byte> written = page.GetBuffer().AsMemory(0, (int)page.Length);
        if (context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true)
        {
            written = Encoding.UTF8.GetBytes(Link().Replace(Encoding.UTF8.GetString(written.Span), $"$1{path}/"));
            if (context.Response.ContentLength is not null) context.Response.ContentLength = written.Length;
        }
        if (written.Length > 0) await body.WriteAsync(written, context.RequestAborted);
    }

    [GeneratedRegex("""( (?:href|src|action|data-api)=")/(?!/)""")]
    private static partial Regex Link();
}
