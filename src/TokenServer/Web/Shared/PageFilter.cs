using InstallLifecycle.Codes;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Net.Http.Headers;
using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.Web.Authentication;

namespace TokenServer.Web.Shared;

/// <summary>What every page goes through, in this order: no other site's form, a visitor, a form of ours, a visitor who may be here,
/// not too often.</summary>
internal sealed class PageFilter(BrowserSessions sessions, IAntiforgery antiforgery, SignInLimit limit, TimeProvider clock)
    : IEndpointFilter
{
    private const string UrlEncoded = "application/x-www-form-urlencoded";
    private const string OtherSite = "This form was sent from another site, so nothing was done.",
        OldForm = "This form is out of date, so nothing was done. Go back, reload the page and try again.",
        OtherRole = "Your account may not use this page.",
            TooOften = "There were too many attempts from your address. Wait a minute and try again.";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        PageHeaders.Promise(http.Response);
        bool isForm = !http.Request.IsRead();
        if (isForm && CrossSite.Is(http.Request)) return ErrorPages.Of(StatusCodes.Status403Forbidden, OtherSite);
        // A form may take minutes to come; who it is from, and what he may do, is asked after that.
        if (isForm && await RefuseBodyAsync(http) is { } unreadable) return unreadable;
        await sessions.ReadAsync(http);
        var page = http.GetEndpoint()!.Metadata;
        var visitor = http.FindVisitor();
        if (visitor is null && page.GetMetadata<OpenPage>() is null) return Go.To(SignInEndpoints.Path, ReturnPath.To(http.Request));
        if (isForm && await RefuseFormAsync(http) is { } wrong) return wrong;
        if (visitor is not null && Refuse(http.Request, page, visitor) is { } refused) return refused;
        bool counts = isForm && page.GetMetadata<CredentialForm>() is not null;
        if (counts && await limit.TakeAsync(http) is { Allowed: false } lease)
            return RateLimits.RetryAfter.Set(http, lease, ErrorPages.Of(StatusCodes.Status429TooManyRequests, TooOften));
        return await next(context);
    }

    private IResult? Refuse(HttpRequest request, EndpointMetadataCollection page, Visitor visitor)
    {
        if (page.GetMetadata<RolePage>() is { } only && only.Role != visitor.Account.Role)
            return ErrorPages.Of(StatusCodes.Status403Forbidden, OtherRole);
        if (page.GetMetadata<TwoFactorOnly>() is not null && !(visitor.Session.HasSecondFactor && visitor.Account.HasSecondFactor))
            return new Page<NoSecondFactorPage>(ReturnPath.To(request), StatusCodes.Status403Forbidden);
        bool isRecent = page.GetMetadata<RecentPage>() is null || RecentSignIn.Is(visitor.Session.StartedAt, clock);
        return isRecent ? null : Go.To(SignInAgainEndpoints.Path, ReturnPath.Again(request));
    }

    private static async Task<IResult?> RefuseBodyAsync(HttpContext http)
    {
        // No page sends a file; multipart bodies, and the many ways for them to be broken, stay outside.
        if (!http.Request.HasFormContentType || !MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || type.MediaType != UrlEncoded) return ErrorPages.Of(Fault.UnsupportedMediaType);
        try
        {
            await http.Request.ReadFormAsync(http.RequestAborted);
            return null;
        }
        catch (InvalidDataException)
        {
            return ErrorPages.Of(Fault.BadRequest);
        }
    }

    private async Task<IResult?> RefuseFormAsync(HttpContext http)
    {
        try
        {
            await antiforgery.ValidateRequestAsync(http);
        }
        catch (AntiforgeryValidationException)
        {
            return ErrorPages.Of(StatusCodes.Status400BadRequest, OldForm);
        }
        return null;
    }
}
