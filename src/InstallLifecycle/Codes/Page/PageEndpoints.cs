using InstallLifecycle.Watching;
using Microsoft.AspNetCore.Http.HttpResults;

namespace InstallLifecycle.Codes.Page;

/// <summary>The page that issues codes to a browser, with script and without (contract section 5, route 2).</summary>
public static class PageEndpoints
{
    /// <summary>Where the page is; its files are below.</summary>
    public const string Path = "/slowdns";

    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly InstallError HostNotAllowed =
        InstallError.InvalidRequest("The server's name in the address is not a host name.");

    /// <summary>Adds what the page needs beyond the services of codes.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddPage(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddSingleton<IssuedOnce>();
        return services;
    }

    /// <summary>Maps the page, its files, and the two scripts that its command fetches.</summary>
    /// <param name="routes">The host's routes.</param>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (RequestDelegate)OpenAsync);
        routes.MapPost(Path, (RequestDelegate)IssueAsync);
        MapFile(routes, "page.css", PageFiles.Style);
        MapFile(routes, "page.js", PageFiles.Script);
        MapFile(routes, "watch.js", PageFiles.Watch);
        MapFile(routes, "icon.svg", PageFiles.Icon);
        MapFile(routes, "install.sh", PageFiles.Installer);
        MapFile(routes, "agent.sh", PageFiles.Agent);
    }

    /// <summary>Answers with a page that says what is wrong; for requests below <see cref="Path"/> that no endpoint answered.</summary>
    /// <param name="context">The request.</param>
    /// <param name="error">What is wrong; its status becomes the answer's.</param>
    public static Task WriteErrorAsync(HttpContext context, InstallError error)
    {
        if (error.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString();
        return RenderAsync<ErrorPage>(context, error.Status, nameof(ErrorPage.Error), error);
    }

    private static Task OpenAsync(HttpContext context)
    {
        if (Command(context) is not { } command) return WriteErrorAsync(context, HostNotAllowed);
        var (code, wasShown) = HttpMethods.IsGet(context.Request.Method)
            ? Once(context).Take(context, Session(context).Read(context.Request)) : default;
        Session(context).Renew(context);
        return RenderAsync(context, StatusCodes.Status200OK, Content(context, command) with { Code = code, WasShown = wasShown });
    }

    private static async Task IssueAsync(HttpContext context)
    {
        if (Command(context) is not { } command)
        {
            await WriteErrorAsync(context, HostNotAllowed);
            return;
        }
        var (code, error) = await context.RequestServices.GetRequiredService<CodeRequest>().IssueAsync(context);
        // A session that has ended is not made anew here: only loading the page makes one.
        string? session = Session(context).Read(context.Request);
        if (session is not null) Session(context).Renew(context);
        if (session is not null && code is not null)
        {
            // A reload of the page asks for no other code.
            Once(context).Keep(context, session, code);
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = context.Request.PathBase + Path;
            return;
        }
        if (error?.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString();
        await RenderAsync(context, error?.Status ?? StatusCodes.Status200OK, Content(context, command) with { Code = code, Error = error });
    }

    private static string? Command(HttpContext context) =>
        InstallCommand.For(context.RequestServices.GetRequiredService<IInstallAddress>().Of(context.Request));

    private static BrowserSession Session(HttpContext context) => context.RequestServices.GetRequiredService<BrowserSession>();

    private static IssuedOnce Once(HttpContext context) => context.RequestServices.GetRequiredService<IssuedOnce>();

    private static PageContent Content(HttpContext context, string command)
    {
        var services = context.RequestServices;
        var steps = Session(context).Read(context.Request) is { } session
            ? services.GetRequiredService<Steps>().Last(Requester.HashOf(session)).Select(StepWords.Of) : [];
        return new(command, services.GetRequiredService<InstallLifecycleOptions>().CodeLifetime,
            services.GetRequiredService<TimeProvider>().GetUtcNow(), [.. steps]);
    }

    private static Task RenderAsync(HttpContext context, int status, PageContent content) =>
        RenderAsync<SlowDnsPage>(context, status, nameof(SlowDnsPage.Content), content);

    private static Task RenderAsync<T>(HttpContext context, int status, string parameter, object value)
        where T : Microsoft.AspNetCore.Components.IComponent
    {
        Protect(context.Response);
        context.Response.Headers.CacheControl = "no-store";
        // The renderer makes an address of the host's name and throws where that is none; the pages' own links are all paths.
        if (WebOrigin.Of(context.Request) is null) context.Request.Host = new HostString("localhost");
        return new RazorComponentResult<T>(
            new Dictionary<string, object?> { [parameter] = value }) { StatusCode = status }.ExecuteAsync(context);
    }

    private static void MapFile(IEndpointRouteBuilder routes, string name, EmbeddedFile? file) =>
        routes.MapGet($"{Path}/{name}", (RequestDelegate)(context =>
        {
            if (file is null) return WriteErrorAsync(context, InstallError.NotFound);
            Protect(context.Response);
            return file.WriteAsync(context);
        }));

    private static void Protect(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.XFrameOptions = "DENY";
        // With no-referrer a browser would send the form with `Origin: null`, which is refused as another site's.
        response.Headers["Referrer-Policy"] = "same-origin";
    }
}
