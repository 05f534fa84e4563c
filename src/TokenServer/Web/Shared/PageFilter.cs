using InstallLifecycle.Codes;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Net.Http.Headers;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;

namespace TokenServer.Web.Shared;

/// <summary>What every page goes through, in this order: no other site's form, a visitor, no form that was
/// answered before, a form of ours, a visitor who may be here,
/// not too often.</summary>
internal sealed class PageFilter(BrowserSessions sessions, PageRights rights, IAntiforgery antiforgery, SignInLimit limit,
    FormAnswers answers, TypedForms typed) : IEndpointFilter
{
    private const string UrlEncoded = "application/x-www-form-urlencoded";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        PageHeaders.Promise(http.Response);
        bool isForm = !http.Request.IsRead();
        if (isForm && CrossSite.Is(http.Request)) return ErrorPages.Of(StatusCodes.Status403Forbidden, ErrorWords.OtherSite);
        // A form may take minutes to come; who it is from, and what he may do, is asked after that.
        if (isForm && await RefuseBodyAsync(http) is { } unreadable) return unreadable;
        var visitor = await sessions.ReadAsync(http);
        var page = http.GetEndpoint()!.Metadata;
        bool isOpen = page.GetMetadata<OpenPage>() is not null;
        var form = isForm && page.GetMetadata<Question>() is null ? FormAnswers.Of(http) : null;
        if (form is not null && await answers.FindAsync(http, form) is { } same) return Again(http, visitor, same);
        if (visitor is null && !isOpen) return await StrangerAsync(http, form);
        if (form is not null && !isOpen && answers.IsOutOfDate(form)) return FormAnswers.OldForm();
        http.Features.Set(form);
        if (isForm && await RefuseFormAsync(http) is { } wrong) return wrong;
        if (visitor is not null && await rights.RefuseAsync(http, visitor, () => typed.KeepAsync(http, form, visitor)) is { } refused)
            return refused;
        bool counts = isForm && page.GetMetadata<CredentialForm>() is not null;
        if (counts && await limit.TakeAsync(http) is { Allowed: false } lease)
            return RateLimits.RetryAfter.Set(http, lease, ErrorPages.Of(StatusCodes.Status429TooManyRequests, ErrorWords.TooOften));
        return await next(context);
    }

    // A browser that still has the cookie of a session was signed in; signing out takes it away.
    private async Task<Go> StrangerAsync(HttpContext http, SentForm? form) =>
        new(SignInPages.Address(SignInEndpoints.Path, await typed.KeepAsync(http, form)),
            http.Request.Cookies.ContainsKey(BrowserSessions.CookieName) ? Notice.SessionOver : null);

    // A page that was kept says what its reader may have lost the right to since; where a form led to says nothing.
    private IResult Again(HttpContext http, Visitor? visitor, IResult same) =>
        same is FormAnswer { IsRedirect: false } && visitor is not null ? rights.RefuseAgain(http, visitor) ?? same : same;

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
            return FormAnswers.OldForm();
        }
        return null;
    }
}
