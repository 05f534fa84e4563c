using InstallLifecycle;
using TokenServer.Installs;
using TokenServer.Sessions;
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
        pages.MapGet("/keys/rotate", IResult () => new Confirmation("Rotate the keys now",
            "Each announced key signs from now on, and the key that signed retires: "
                + "it stays published until the last token of its has expired. Nothing dies.",
            "Rotate now", Path) { IsHarmless = true }.Ask()).AfterRecentSignIn();
        pages.MapPost("/keys/rotate", RotateAsync).AfterRecentSignIn();
        pages.MapGet("/keys/replace", IResult (Lifecycle lifecycle) => new Confirmation("Replace all keys",
            "For keys that have leaked. Every access token and ID token that was signed so far is dead, "
                + "and so is every install that is not confirmed. "
                + "Sessions go on: their clients get new tokens with the refresh tokens they have.",
            "Replace all keys", Path)
            { Radius = new BlastRadius(), Codes = lifecycle.Count().Unconfirmed }.Ask()).AfterRecentSignIn();
        pages.MapPost("/keys/replace", ReplaceAsync).AfterRecentSignIn();
    }

    private static async Task<IResult> RotateAsync(HttpContext context, EveryKey keys)
    {
        await keys.RotateAsync(context.Actor());
        return Go.To(Path, Notice.KeysRotated);
    }

    private static async Task<IResult> ReplaceAsync(HttpContext context, EveryKey keys)
    {
        await keys.ReplaceAsync(context.Actor());
        return Go.To(Path, Notice.KeysReplaced);
    }
}
