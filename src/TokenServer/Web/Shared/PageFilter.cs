using InstallLifecycle.Codes;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Net.Http.Headers;
using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;

namespace TokenServer.Web.Shared;

/// <summary>What every page goes through, in this order: no other site's form, a visitor, no form that was
/// answered before, a form of ours, a visitor who may be here,
/// not too often.</summary>
internal sealed class PageFilter(BrowserSessions sessions, UserAccounts accounts, IAntiforgery antiforgery, SignInLimit limit,
    FormAnswers answers, TimeProvider clock) : IEndpointFilter
{
    private const string UrlEncoded = "application/x-www-form-urlencoded";
    private const string OtherSite = "This form was sent from another site, so nothing was done.",
        OtherRole = "Your account may not use this page.",
        OtherRank = "Only an administrator may do this to an account that administers.",
        TooOften = "There were too many attempts from your address. Wait a minute and try again.";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        PageHeaders.Promise(http.Response);
        bool isForm = !http.Request.IsRead();
        if (isForm && CrossSite.Is(http.Request)) return ErrorPages.Of(StatusCodes.Status403Forbidden, OtherSite);
        // A form may take minutes to come; who it is from, and what he may do, is asked after that.
        if (isForm && await RefuseBodyAsync(http) is { } unreadable) return unreadable;
        var visitor = await sessions.ReadAsync(http);
        var page = http.GetEndpoint()!.Metadata;
        bool isOpen = page.GetMetadata<OpenPage>() is not null;
        var form = isForm && page.GetMetadata<Question>() is null ? FormAnswers.Of(http) : null;
        if (form is not null && await answers.FindAsync(http, form) is { } same) return same;
        if (visitor is null && !isOpen) return Stranger(http.Request);
        if (form is not null && !isOpen && answers.IsOutOfDate(form)) return FormAnswers.OldForm();
        http.Features.Set(form);
        if (isForm && await RefuseFormAsync(http) is { } wrong) return wrong;
        if (visitor is not null && Refuse(http, page, visitor) is { } refused) return refused;
        bool counts = isForm && page.GetMetadata<CredentialForm>() is not null;
        if (counts && await limit.TakeAsync(http) is { Allowed: false } lease)
            return RateLimits.RetryAfter.Set(http, lease, ErrorPages.Of(StatusCodes.Status429TooManyRequests, TooOften));
        return await next(context);
    }

    // A browser that still has the cookie of a session was signed in; signing out takes it away.
    private static Go Stranger(HttpRequest request) => new(SignInPages.Address(SignInEndpoints.Path, ReturnPath.To(request)),
        request.Cookies.ContainsKey(BrowserSessions.CookieName) ? Notice.SessionOver : null);

    private IResult? Refuse(HttpContext http, EndpointMetadataCollection page, Visitor visitor)
    {
        var request = http.Request;
        var right = page.GetMetadata<AdminPage>() is null ? (AdminRight?)null : AdminRightOf(http, page);
        if (right is { } needed && !AdminRights.May(visitor.Account.Role, needed))
            return ErrorPages.Of(StatusCodes.Status403Forbidden, OtherRole);
        if (page.GetMetadata<TwoFactorOnly>() is not null && !AdminAccess.MayAdminister(visitor.Account, visitor.Session))
            return new Page<NoSecondFactorPage>(ReturnPath.To(request), StatusCodes.Status403Forbidden);
        if (right is { Area: AdminArea.Users, Changes: true } && int.TryParse(http.GetRouteValue("id") as string, out int account)
            && !Rank.MayTouch(http.Actor(), accounts.Find(account)?.Role))
            return ErrorPages.Of(StatusCodes.Status403Forbidden, OtherRank);
        bool isRecent = page.GetMetadata<RecentPage>() is null || RecentSignIn.Is(visitor.Session.AuthTime, clock);
        return isRecent ? null : Go.To(SignInAgainEndpoints.Path, ReturnPath.Again(request));
    }

    // A page that is shown after a recent sign-in only asks whether to act.
    private static AdminRight AdminRightOf(HttpContext http, EndpointMetadataCollection page) =>
        AdminRights.Of((http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText,
            acts: !http.Request.IsRead() || page.GetMetadata<RecentPage>() is not null);

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
