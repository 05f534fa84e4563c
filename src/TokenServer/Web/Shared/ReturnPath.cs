using System.Text.RegularExpressions;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Web.Logout;

namespace TokenServer.Web.Shared;

/// <summary>Where a visitor goes after signing in: a page of ours, whatever the address says.</summary>
internal static partial class ReturnPath
{
    // It has to fit into a cookie; no page of ours has a longer address.
    private const int Longest = 2000;

    private static readonly string[] Steps = [SignInPages.SignInAgain, SignInPages.SecondFactorNeeded, SignInPages.ChooseAccount,
        SignInPages.Consent, SignOutEndpoints.Path];

    /// <summary><paramref name="asked"/>, or the account's first page where that is none of ours.</summary>
    public static string Of(string? asked) =>
        asked is { Length: <= Longest } && Page().IsMatch(asked) ? asked : WebModule.Account;

    /// <summary>Where the address of <paramref name="request"/> says that the visitor came from, if that is a page of ours; else
    /// <paramref name="otherwise"/>.</summary>
    public static string From(HttpRequest request, string otherwise) =>
        request.Query["return"] is [{ } asked] && Of(asked) == asked ? asked : otherwise;

    /// <summary>The page of <paramref name="request"/>, without what was just made.</summary>
    public static string Here(HttpRequest request) =>
        request.Path.ToUriComponent() + QueryString.Create(request.Query.Where(q => q.Key != MadeSecrets.Query)).ToUriComponent();

    /// <summary>The query that leads back to that page.</summary>
    public static string Query(HttpRequest request) => "?return=" + Uri.EscapeDataString(Here(request));

    /// <summary>The way back to the page of <paramref name="request"/>; that of a form is <c>/account/tunnels</c>, for example,
    /// whatever the form's address is below. A page that is a step of something else leads back to that.</summary>
    public static string To(HttpRequest request)
    {
        string? onward = request.IsRead() ? request.Query["return"] : request.Form["return"];
        bool isOnward = IsStep(request) || onward?.StartsWith("/connect/", StringComparison.Ordinal) == true;
        if (isOnward && onward is not null && Of(onward) == onward) return onward;
        return Of(request.IsRead() ? request.Path.ToUriComponent() + request.QueryString.ToUriComponent()
            : string.Join('/', request.Path.ToUriComponent().Split('/').Take(3)));
    }

    /// <summary>The way back to <paramref name="request"/> itself after signing in again:
    /// each form of the console is at the address of the page it is on.</summary>
    public static string Again(HttpRequest request) => request.Path.StartsWithSegments(WebModule.Console)
        ? Of(request.Path.ToUriComponent() + request.QueryString.ToUriComponent()) : PageOf(request)?.Path ?? To(request);

    /// <summary>The page of a form that says which; null where its address does.</summary>
    public static FormPage? PageOf(HttpRequest request) => request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<FormPage>();

    /// <summary>Whether the page of <paramref name="request"/> is a step on the way to another, or out: nothing of its own is typed there.
    /// </summary>
    public static bool IsStep(HttpRequest request) => Steps.Any(step => request.Path.StartsWithSegments(step));

    // No backslash, which a browser takes for a slash; no second slash at the start, which would begin a host's name.
    [GeneratedRegex(@"^/((account|admin)([/?][!-\[\]-~]*)?|connect/(authorize|verify|endsession)(\?[!-\[\]-~]*)?)\z")]
    private static partial Regex Page();
}
