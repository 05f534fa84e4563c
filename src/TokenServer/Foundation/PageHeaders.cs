namespace TokenServer.Foundation;

/// <summary>The headers of every page (contract section 0): nothing from elsewhere, nothing inline, in no frame, never stored.</summary>
internal static class PageHeaders
{
    private const string Sources = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; ",
        Embedding = "; base-uri 'none'; frame-ancestors 'none'", Forms = "form-action 'self'";

    /// <summary>Sets them when the answer starts: antiforgery and the cookie's renewal set weaker ones on the way.</summary>
    public static void Promise(HttpResponse response) => response.OnStarting(() =>
    {
        Protect(response);
        response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    });

    /// <summary>Those that a page's files have too.</summary>
    public static void Protect(HttpResponse response)
    {
        string? target = FormTargets.Of(response.HttpContext);
        response.Headers.ContentSecurityPolicy = Sources + (target is null ? Forms : $"{Forms} {target}") + Embedding;
        response.Headers.XFrameOptions = "DENY";
        // With no-referrer a browser would send a form with `Origin: null`, which is refused as another site's.
        response.Headers["Referrer-Policy"] = "same-origin";
    }
}
