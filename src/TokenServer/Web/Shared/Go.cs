namespace TokenServer.Web.Shared;

/// <summary>Sends a browser on with GET (303, RFC 9110 section 15.4.4): after a form, so that a reload does not send it again.</summary>
internal sealed class Go(string location) : IResult
{
    /// <summary>To a page, which says what was done.</summary>
    public static Go To(string path, Notice? notice = null) => new(notice is { } said ? $"{path}?said={said}" : path);

    /// <summary>To a page that leads back to <paramref name="returnPath"/>.</summary>
    public static Go To(string path, string returnPath) => new($"{path}?return={Uri.EscapeDataString(returnPath)}");

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = location;
        return Task.CompletedTask;
    }
}
