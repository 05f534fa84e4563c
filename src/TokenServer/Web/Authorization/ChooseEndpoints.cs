using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Tokens;
using TokenServer.Web.Shared;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Web.Authorization;

/// <summary>/account/choose: as whom to go on with a client's request (<c>prompt=select_account</c>, OpenID Connect Core section 3.1.2.1).
/// A browser has one sign-in, so it is this account or another sign-in.</summary>
internal static class ChooseEndpoints
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/choose", Show);
        pages.MapPost("/choose", ChooseAsync);
    }

    private static IResult Show(HttpContext context, ClientRequests requests, IdTokenHints hints)
    {
        string returnPath = ReturnPath.Of(context.Request.Query["return"]);
        if (requests.Find(context, returnPath) is not { } asking) return Go.To(returnPath);
        // The client speaks of somebody: no other account will do for it.
        bool isAnother = asking.Request[Parameters.IdTokenHint] is { } hint
            && hints.Read(hint)?.Subject != context.Visitor().Account.Subject;
        return new Page<ChoosePage>(new AccountChoice(asking, isAnother));
    }

    private static async Task<IResult> ChooseAsync(HttpContext context, ClientRequests requests, AuthorizationRequests stored)
    {
        string returnPath = ReturnPath.Of(context.Request.Form["return"]);
        if (requests.Find(context, returnPath) is { } asking) await stored.ChooseAsync(asking.Uri, context.Visitor().Session.Id);
        return Go.To(returnPath);
    }
}

/// <summary>What the page of the choice shows.</summary>
/// <param name="Asking">The client's request.</param>
/// <param name="IsAnother">Whether the client asks for somebody else than who is signed in.</param>
internal sealed record AccountChoice(ClientRequest Asking, bool IsAnother);
