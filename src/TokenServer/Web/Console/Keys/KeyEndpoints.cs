using InstallLifecycle;
using TokenServer.Foundation;
using TokenServer.Installs;
using TokenServer.Keys;
using TokenServer.SignIns;
using TokenServer.Tokens;
using TokenServer.Web.Authentication;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Keys;

/// <summary>/admin/keys: the signing keys; rotate them now, or replace them all where they have leaked.</summary>
internal static class KeyEndpoints
{
    public const string Path = WebModule.Console + "/keys";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/keys", IResult () => new Page<KeysPage>());
        pages.MapGet("/keys/rotate", IResult (KeyRing ring) => AskRotation(ring).Ask()).AfterRecentSignIn();
        pages.MapPost("/keys/rotate", RotateAsync).AfterRecentSignIn();
        pages.MapGet("/keys/replace", AskReplacement).AfterRecentSignIn();
        pages.MapPost("/keys/replace", ReplaceAsync).AfterRecentSignIn();
    }

    private static Confirmation AskRotation(KeyRing ring)
    {
        var asked = new Confirmation("Rotate the keys now",
            "Each announced key signs from now on, and the key that signed retires: "
                + "it stays published until the last token of its has expired. ", "Rotate now", Path);
        return ring.UnknownUntil is not { } until ? asked with { Does = asked.Does + "Nothing dies.", IsHarmless = true } : asked with
        {
            Does = asked.Does + "No token that was given out dies. But the announced keys are new: gateways and clients that check tokens "
                + $"by themselves may not have read them before {Timestamps.Of(until)}. Until they read the keys again they refuse what is "
                + "signed from now on: each new access token and ID token.",
            Tick = "New tokens may be refused for a while, and I rotate all the same",
        };
    }

    private static IResult AskReplacement(Lifecycle lifecycle, AccessTokens tokens) => new Confirmation("Replace all keys",
        "For keys that have leaked. Every access token and ID token that was signed so far is dead, "
            + "and so is every install that is not confirmed. Receipts of installs that they signed prove nothing any more. "
            + "Sessions go on: their clients get new tokens with the refresh tokens they have.",
        "Replace all keys", Path)
        {
            Figures = [("Access tokens that this process has signed since it started", tokens.Unexpired),
                ("Install codes", lifecycle.Count().Unconfirmed)],
        }.Ask();

    private static async Task<IResult> RotateAsync(HttpContext context, KeyRing ring, EveryKey keys)
    {
        if (AskRotation(ring) is { Tick: not null } asked && !Confirmation.IsTicked(context.Request))
            return (asked with { Error = "Nothing was done: say that you mean it by the tick." }).Ask(StatusCodes.Status400BadRequest);
        await keys.RotateAsync(context.Actor());
        return Go.To(Path, Notice.KeysRotated);
    }

    private static async Task<IResult> ReplaceAsync(HttpContext context, EveryKey keys)
    {
        await keys.ReplaceAsync(context.Actor());
        return Go.To(Path, Notice.KeysReplaced);
    }
}
