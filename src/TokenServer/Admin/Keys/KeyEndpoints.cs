using TokenServer.Foundation;
using TokenServer.Installs;
using TokenServer.Keys;
using TokenServer.Storage;

namespace TokenServer.Admin.Keys;

/// <summary>/admin/api/keys: the signing keys and their phases; rotate now, or replace all where they have leaked.</summary>
internal static class KeyEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/keys", List);
        routes.MapPost("/keys/rotate", RotateAsync);
    }

    // One page: there are few.
    private static JsonAnswer<KeysAnswer> List(HttpContext context, KeyRing keys) => NamePart.Of(context.Request.Query["q"]) is { } part
        ? Answer(keys.Keys.Where(k => part.IsIn(k.Key.KeyId) || part.IsIn(k.Key.Algorithm) || part.IsIn(k.Phase.ToString())))
        : Answer(keys.Keys);

    private static async Task<IResult> RotateAsync(HttpContext context, KeyRing keys, EveryKey all)
    {
        // The authorization has taken it in.
        var (body, unreadable) = context.Request.Body.Length > 0
            ? await AdminBody.ReadAsync(context.Request, AdminJson.Default.RotationBody) : (new RotationBody(), null);
        if (body is null) return unreadable!;
        var actor = Administrator.Of(context);
        if (body.Compromised) await all.ReplaceAsync(actor);
        else await all.RotateAsync(actor);
        return Answer(keys.Keys);
    }

    private static JsonAnswer<KeysAnswer> Answer(IEnumerable<RingKey> keys) =>
        new(StatusCodes.Status200OK, new([.. keys.Reverse().Select(KeyAnswer.Of)]), AdminJson.Default.KeysAnswer);
}
