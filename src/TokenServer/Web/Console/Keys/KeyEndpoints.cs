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
        DateTime? unknownUntil = ring.UnknownUntil;
        return new(KeyActWords.Rotate(unknownUntil), Path)
        {
            IsHarmless = unknownUntil is null, Tick = unknownUntil is null ? null : KeyActWords.RotateAllTheSame,
        };
    }

    private static IResult AskReplacement(Lifecycle lifecycle, AccessTokens tokens) => new Confirmation(KeyActWords.Replace(), Path)
    {
        Figures = [(KeyActWords.AccessTokens, tokens.Unexpired), (KeyActWords.InstallCodes, lifecycle.Count().Unconfirmed)],
    }.Ask();

    private static async Task<IResult> RotateAsync(HttpContext context, KeyRing ring, EveryKey keys)
    {
        if (AskRotation(ring) is { Tick: not null } asked && !Confirmation.IsTicked(context.Request))
            return (asked with { Error = KeyActWords.NotTicked }).Ask(StatusCodes.Status400BadRequest);
        await keys.RotateAsync(context.Actor());
        return Go.To(Path, Notice.KeysRotated);
    }

    private static async Task<IResult> ReplaceAsync(HttpContext context, EveryKey keys)
    {
        await keys.ReplaceAsync(context.Actor());
        return Go.To(Path, Notice.KeysReplaced);
    }
}
