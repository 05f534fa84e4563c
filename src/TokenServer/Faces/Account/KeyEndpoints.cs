using TokenServer.Accounts.ApiKeys;
using TokenServer.Foundation;
using TokenServer.Foundation.Precis;
using TokenServer.Sessions;

namespace TokenServer.Faces.Account;

/// <summary>keys: make, list, delete. Another account's key is as one that is not there.</summary>
internal static class KeyEndpoints
{
    private const int LongestLimit = 100;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/keys", AddAsync);
        routes.MapGet("/keys", ListAsync);
        routes.MapDelete("/keys/{keyId}", DeleteAsync);
    }

    private static async Task<IResult> AddAsync(HttpContext context, BearerAuthentication bearers, UserApiKeys keys)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.IsOwner) return PlainAnswers.Refuse(bearer);
        var (fields, refusal) = await JsonBody.ReadAsync(context.Request,
            [("name", UserApiKeys.LongestName)], [("scope", LongestLimit), ("expiresAt", LongestLimit)]);
        if (fields is not [{ } name, var scope, var end]) return PlainAnswers.Error(refusal!);
        var scopes = scope is null ? null : ApiKeyScopes.Read(scope);
        if (scope is not null && scopes is null)
            return PlainAnswers.BadRequest($"The field 'scope' may have {ApiKeyScopes.Words}");
        var expiresAt = end is null ? null : TimeOf(end);
        if (end is not null && expiresAt is null) return Refuse(NotOwned.BadEnd);
        var (made, why) = await keys.AddAsync(bearer.Owner(context), name, scopes, expiresAt);
        if (made is not { Key: var key, Text: var text }) return Refuse(why);
        return new JsonAnswer<NewKeyAnswer>(StatusCodes.Status201Created, new(key.KeyId, text, key.Name, Timestamps.Of(key.CreatedAt),
            scopes?.ToString(), Timestamps.Of(expiresAt)), AccountJson.Default.NewKeyAnswer);
    }

    // As the answers write times.
    private static DateTime? TimeOf(string text) => DateTime.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static async Task<IResult> ListAsync(HttpContext context, BearerAuthentication bearers, UserApiKeys keys)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.IsOwner) return PlainAnswers.Refuse(bearer);
        KeyAnswer[] all = [.. keys.Of(bearer.Account!.Id)
            .Select(k => new KeyAnswer(k.KeyId, k.Name, Timestamps.Of(k.CreatedAt), Timestamps.Of(k.LastUsed)))];
        return new JsonAnswer<KeyAnswer[]>(StatusCodes.Status200OK, all, AccountJson.Default.KeyAnswerArray);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string keyId, BearerAuthentication bearers, UserApiKeys keys)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.IsOwner) return PlainAnswers.Refuse(bearer);
        var (deleted, why) = await keys.DeleteAsync(bearer.Owner(context), keyId);
        return deleted is not null ? Results.NoContent() : Refuse(why);
    }

    private static IResult Refuse(NotOwned why) => why switch
    {
        NotOwned.SignedOut => PlainAnswers.Refuse(Bearer.Invalid),
        NotOwned.BadName => PlainAnswers.BadRequest($"The field 'name' {GivenName.Rule}"),
        NotOwned.BadEnd => PlainAnswers.BadRequest(
            "The field 'expiresAt' must be a time to come, written 2024-01-15T10:30:00Z, and not more than ten years away"),
        NotOwned.TooMany => PlainAnswers.Error(StatusCodes.Status409Conflict, "Too many API keys"),
        _ => PlainAnswers.Error(StatusCodes.Status404NotFound, "API key not found"),
    };
}
