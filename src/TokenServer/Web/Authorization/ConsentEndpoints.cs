using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Authorization;

/// <summary>/account/consent and /account/deny: the person's yes or no to what a client asks for (contract section 9). Either goes back to
/// the authorization endpoint, which answers the client.</summary>
internal static class ConsentEndpoints
{
    public const string Deny = WebModule.Account + "/deny";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/consent", Show);
        pages.MapPost("/consent", AllowAsync);
        pages.MapPost("/deny", DenyAsync);
    }

    // A request that is over, or none, is for the endpoint to speak of.
    private static IResult Show(HttpContext context, ClientRequests requests, ScopeRegistry scopes)
    {
        string returnPath = ReturnPath.Of(context.Request.Query["return"]);
        return requests.Find(context, returnPath) is { } asking
            ? new Page<ConsentPage>(new ConsentForm(asking, ScopeWords.Of(scopes.Existing(asking.Request.Scopes), scopes)))
            : Go.To(returnPath);
    }

    private static async Task<IResult> AllowAsync(
        HttpContext context, ClientRequests requests, AuthorizationRequests stored, Consents consents)
    {
        string returnPath = ReturnPath.Of(context.Request.Form["return"]);
        if (requests.Find(context, returnPath) is not { } asking) return Go.To(returnPath);
        var why = await consents.AllowAsync(context.Owner(), asking.Client, asking.Request.Scopes);
        if (why == NotOwned.SignedOut) return Go.To(SignInPages.SignIn, returnPath);
        if (why == NotOwned.Owned) await stored.AllowAsync(asking.Uri, context.Visitor().Session.Id);
        return Go.To(returnPath);
    }

    private static async Task<IResult> DenyAsync(
        HttpContext context, ClientRequests requests, AuthorizationRequests stored, Consents consents)
    {
        string returnPath = ReturnPath.Of(context.Request.Form["return"]);
        if (requests.Find(context, returnPath) is { } asking && await stored.DenyAsync(asking.Uri, context.Visitor().Session.Id))
            await consents.NoteDeniedAsync(context.Owner(), asking.Client, asking.Request.Scopes);
        return Go.To(returnPath);
    }
}

/// <summary>What the consent page shows.</summary>
/// <param name="Asking">The client's request.</param>
/// <param name="Scopes">What it asks for, in words.</param>
internal sealed record ConsentForm(ClientRequest Asking, IReadOnlyList<string> Scopes);
