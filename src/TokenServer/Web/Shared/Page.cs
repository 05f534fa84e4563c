using InstallLifecycle.Codes;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using TokenServer.Foundation;

namespace TokenServer.Web.Shared;

/// <summary>An answer that is a page. A handler names it IResult:
/// the generator of the handlers does not see what Razor generates.</summary>
/// <param name="model">What the page shows; <see cref="PageComponent"/> hands it out.</param>
/// <param name="status">The answer's status.</param>
internal sealed class Page<T>(object? model = null, int status = StatusCodes.Status200OK) : IResult where T : IComponent
{
    /// <summary>The id of the field that the page's error is about; none where it is about no field, or there is no error.</summary>
    public string? Field { get; init; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        PageHeaders.Promise(httpContext.Response);
        Notices.Take(httpContext);
        // The renderer makes an address of the host's name and throws where that is none; the pages' own links are all paths.
        if (WebOrigin.Of(httpContext.Request) is null) httpContext.Request.Host = new HostString("localhost");
        httpContext.Items[PageComponent.ModelKey] = model;
        httpContext.Items[PageComponent.FieldKey] = Field;
        return new RazorComponentResult<T> { StatusCode = status, PreventStreamingRendering = true }.ExecuteAsync(httpContext);
    }
}
