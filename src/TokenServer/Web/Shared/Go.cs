using TokenServer.SignIns;

namespace TokenServer.Web.Shared;

/// <summary>Sends a browser on with GET (303, RFC 9110 section 15.4.4): after a form, so that a reload does not send it again.</summary>
/// <param name="location">Where to.</param>
/// <param name="notice">What the next page says that was done.</param>
internal sealed class Go(string location, Notice? notice = null) : IResult
{
    /// <summary>To a page, which says what was done.</summary>
    public static Go To(string path, Notice? notice = null) => new(path, notice);

    /// <summary>To a page that leads back to <paramref name="returnPath"/>.</summary>
    public static Go To(string path, string returnPath) => new(SignInPages.Address(path, returnPath));

    /// <summary>To a page that says what was done, and leads back to <paramref name="returnPath"/>.</summary>
    public static Go To(string path, string returnPath, Notice notice) =>
        new(returnPath == WebModule.Account ? path : SignInPages.Address(path, returnPath), notice);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (notice is { } said) Notices.Say(httpContext, said);
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = location;
        return Task.CompletedTask;
    }
}
