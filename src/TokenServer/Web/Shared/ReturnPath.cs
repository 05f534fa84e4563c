using System.Text.RegularExpressions;
using TokenServer.Foundation;

namespace TokenServer.Web.Shared;

/// <summary>Where a visitor goes after signing in: a page of ours, whatever the address says.</summary>
internal static partial class ReturnPath
{
    /// <summary><paramref name="asked"/>, or the account's first page where that is none of ours.</summary>
    public static string Of(string? asked) => asked is not null && Page().IsMatch(asked) ? asked : WebModule.Account;

    /// <summary>The way back to the page of <paramref name="request"/>; that of a form is <c>/account/tunnels</c>, for example,
    /// whatever the form's address is below.</summary>
    public static string To(HttpRequest request) => Of(request.IsRead()
        ? request.Path.ToUriComponent() + request.QueryString.ToUriComponent()
        : string.Join('/', request.Path.ToUriComponent().Split('/').Take(3)));

    /// <summary>The way back to <paramref name="request"/> itself after signing in again:
    /// each form of the console is at the address of the page it is on.</summary>
    public static string Again(HttpRequest request) => request.Path.StartsWithSegments(WebModule.Console)
        ? Of(request.Path.ToUriComponent() + request.QueryString.ToUriComponent()) : To(request);

    // No backslash, which a browser takes for a slash; no second slash at the start, which would begin a host's name.
    [GeneratedRegex(@"^/(account|admin)([/?][!-\[\]-~]*)?\z")]
    private static partial Regex Page();
}
