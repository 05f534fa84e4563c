using TokenServer.Accounts.Passkeys;
using TokenServer.Foundation;
using TokenServer.Foundation.Precis;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;

/// <summary>/account/passkeys: list, add, remove, a short while after signing in.</summary>
internal static class PasskeyEndpoints
{
    public const string Path = WebModule.Account + "/passkeys";
    private const string Halfway =
        "Your account has a second factor, and you signed in without it. Sign out, and sign in with it, to change your passkeys.";

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
            return await ShowAsync(context, offers, passkeys, $"Enter a name of 1 to {UserPasskeys.LongestName} characters.");
        if (offers.Read(context) is not { } made)
            return await ShowAsync(context, offers, passkeys, "The browser made no passkey, so nothing was added.", name: name);
        return await passkeys.AddAsync(context.Owner(), made, name) switch
        {
            PasskeyAdded.Added => Go.To(Path, Notice.PasskeyAdded),
            PasskeyAdded.SignedOut => Go.To(SignInEndpoints.Path),
            PasskeyAdded.Halfway => await ShowAsync(context, offers, passkeys, Halfway, StatusCodes.Status403Forbidden, name),
            PasskeyAdded.BadName => await ShowAsync(context, offers, passkeys, $"The name {GivenName.Rule}."),
            PasskeyAdded.TooMany => await ShowAsync(context, offers, passkeys,
                $"You have {UserPasskeys.MostPasskeys} passkeys, and cannot have more.", StatusCodes.Status409Conflict, name),
            PasskeyAdded.TooLate => await ShowAsync(context, offers, passkeys,
                "That took too long, or was sent twice, so nothing was added. Try again.", name: name),
            _ => await ShowAsync(context, offers, passkeys,
                "The passkey was not accepted, so nothing was added. Try again, or with another device.", name: name),
        };
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, string id, PasskeyOffers offers, UserPasskeys passkeys) =>
        await passkeys.RemoveAsync(context.Owner(), id) switch
        {
            NotOwned.NotThere => ErrorPages.Of(Fault.NotFound),
            NotOwned.LastWayIn => await ShowAsync(context, offers, passkeys,
                "This passkey is the only way into your account, so it was not removed. Add another one first.",
                StatusCodes.Status409Conflict),
            NotOwned.SignedOut => Go.To(SignInEndpoints.Path),
            NotOwned.Halfway => await ShowAsync(context, offers, passkeys, Halfway, StatusCodes.Status403Forbidden),
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
