using TokenServer.Accounts.Passkeys;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;

/// <summary>/account/passkeys: list, add, remove, a short while after signing in.</summary>
internal static class PasskeyEndpoints
{
    public const string Path = WebModule.Account + "/passkeys";

    public static void Map(RouteGroupBuilder pages)
    {
        var own = pages.MapGroup("/passkeys").AfterRecentSignIn();
        own.MapGet("", async Task<IResult> (HttpContext context, PasskeyOffers offers, UserPasskeys passkeys) =>
            await ShowAsync(context, offers, passkeys));
        own.MapPost("", AddAsync);
        own.MapPost("/{id}/remove", RemoveAsync);
    }

    private static async Task<IResult> AddAsync(HttpContext context, PasskeyOffers offers, UserPasskeys passkeys)
    {
        if (context.Request.Name("name", UserPasskeys.LongestName) is not { } name)
            return await ShowAsync(context, offers, passkeys, FormWords.NoName(UserPasskeys.LongestName));
        if (offers.Read(context) is not { } made)
            return await ShowAsync(context, offers, passkeys, PasskeysPage.NotMade, name: name);
        return await passkeys.AddAsync(context.Owner(), made, name) switch
        {
            PasskeyAdded.Added => Go.To(Path, Notice.PasskeyAdded),
            PasskeyAdded.SignedOut => Go.To(SignInEndpoints.Path),
            PasskeyAdded.Halfway => await ShowAsync(context, offers, passkeys, PasskeysPage.Halfway, StatusCodes.Status403Forbidden, name),
            PasskeyAdded.BadName => await ShowAsync(context, offers, passkeys, FormWords.BadName),
            PasskeyAdded.TooMany => await ShowAsync(context, offers, passkeys, PasskeysPage.TooMany, StatusCodes.Status409Conflict, name),
            PasskeyAdded.TooLate => await ShowAsync(context, offers, passkeys, PasskeysPage.TooLate, name: name),
            _ => await ShowAsync(context, offers, passkeys, PasskeysPage.NotAccepted, name: name),
        };
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, string id, PasskeyOffers offers, UserPasskeys passkeys) =>
        await passkeys.RemoveAsync(context.Owner(), id) switch
        {
            NotOwned.NotThere => ErrorPages.Of(Fault.NotFound),
            NotOwned.LastWayIn => await ShowAsync(context, offers, passkeys, PasskeysPage.LastOne, StatusCodes.Status409Conflict),
            NotOwned.SignedOut => Go.To(SignInEndpoints.Path),
            NotOwned.Halfway => await ShowAsync(context, offers, passkeys, PasskeysPage.Halfway, StatusCodes.Status403Forbidden),
            _ => Go.To(Path, Notice.PasskeyRemoved),
        };

    private static async Task<Page<PasskeysPage>> ShowAsync(HttpContext context, PasskeyOffers offers, UserPasskeys passkeys,
        string? error = null, int? status = null, string? name = null)
    {
        var list = new PasskeyList(passkeys.Of(context.Visitor().Account.Id), await offers.ForNewAsync(context))
            { WhyNot = offers.WhyNot(context), Error = error, Name = name };
        return new(list, status ?? (error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest))
            { Field = name is null && status is null ? "name" : null };
    }
}

/// <summary>What the passkeys page shows.</summary>
/// <param name="Passkeys">Those of the account.</param>
/// <param name="Offer">For a new one; null where browsers make none for this server.</param>
internal sealed record PasskeyList(IReadOnlyList<Passkey> Passkeys, PasskeyOffer? Offer)
{
    public string? WhyNot { get; init; }
    public string? Error { get; init; }

    /// <summary>What was typed.</summary>
    public string? Name { get; init; }
}
