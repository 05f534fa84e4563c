using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;

namespace TokenServer.Web.Shared;

/// <summary>What a page wants of who looks at it, as its group says: a role that may, a second factor, a recent sign-in.</summary>
internal sealed class PageRights(UserAccounts accounts, TimeProvider clock)
{
    /// <summary>Why <paramref name="visitor"/> may not be here, or not yet; null where he may.</summary>
    /// <param name="http">The request.</param>
    /// <param name="visitor">Who sends it.</param>
    /// <param name="back">The way back, asked for where he may after he has signed in again.</param>
    public async Task<IResult?> RefuseAsync(HttpContext http, Visitor visitor, Func<Task<string>> back)
    {
        var page = http.GetEndpoint()!.Metadata;
        if (RefuseRole(http, visitor) is { } other) return other;
        if (page.GetMetadata<TwoFactorOnly>() is not null && !AdminAccess.MayAdminister(visitor.Account, visitor.Session))
            return new Page<NoSecondFactorPage>(await back(), StatusCodes.Status403Forbidden);
        if (RefuseRank(http) is { } lower) return lower;
        bool isRecent = page.GetMetadata<RecentPage>() is null || RecentSignIn.Is(visitor.Session.AuthTime, clock);
        return isRecent ? null : Go.To(SignInAgainEndpoints.Path, await back());
    }

    /// <summary>Why <paramref name="visitor"/> may not see what he was shown before; null where he may.</summary>
    public IResult? RefuseAgain(HttpContext http, Visitor visitor) => RefuseRole(http, visitor) ?? RefuseRank(http);

    private static IResult? RefuseRole(HttpContext http, Visitor visitor) =>
        RightOf(http) is { } needed && !AdminRights.May(visitor.Account.Role, needed)
            ? ErrorPages.Of(StatusCodes.Status403Forbidden, ErrorWords.OtherRole) : null;

    private IResult? RefuseRank(HttpContext http) => RightOf(http) is { Area: AdminArea.Users, Changes: true }
        && int.TryParse(http.GetRouteValue("id") as string, out int account) && !Rank.MayTouch(http.Actor(), accounts.Find(account)?.Role)
            ? ErrorPages.Of(StatusCodes.Status403Forbidden, ErrorWords.OtherRank) : null;

    // A page that is shown after a recent sign-in only asks whether to act. Null for pages that are nobody's administration.
    private static AdminRight? RightOf(HttpContext http)
    {
        var page = http.GetEndpoint()!.Metadata;
        return page.GetMetadata<AdminPage>() is null ? null : AdminRights.Of((http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText,
            acts: !http.Request.IsRead() || page.GetMetadata<RecentPage>() is not null);
    }
}
