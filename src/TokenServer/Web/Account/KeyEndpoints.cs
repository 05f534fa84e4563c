using TokenServer.Accounts.ApiKeys;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;

/// <summary>/account/keys: list, add, delete. A key is shown once, after the form that made it, and
/// nowhere else.</summary>
internal static class KeyEndpoints
{
    public const string Path = WebModule.Account + "/keys";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/keys", IResult (HttpContext context, UserApiKeys keys) =>
            Show(context, keys, new() { Made = Made(context, keys) }));
        pages.MapPost("/keys", AddAsync);
        pages.MapPost("/keys/{id}/delete", DeleteAsync);
    }

    private static async Task<IResult> AddAsync(HttpContext context, UserApiKeys keys, MadeSecrets secrets, TimeProvider clock)
    {
        if (context.Request.Name("name", UserApiKeys.LongestName) is not { } name)
            return Show(context, keys, new() { Error = FormWords.NoName(UserApiKeys.LongestName) }, StatusCodes.Status400BadRequest);
        string scope = context.Request.Text("scope", 100) ?? ApiKeyScopes.Api,
            end = context.Request.Text("end", 20) ?? KeysPage.Ends[0].Value;
        if (ApiKeyScopes.Read(scope) is not { } scopes || KeysPage.Ends.All(e => e.Value != end)) return ErrorPages.Of(Fault.BadRequest);
        DateTime? expiresAt = int.Parse(end, CultureInfo.InvariantCulture) is > 0 and var days
            ? clock.GetUtcNow().UtcDateTime.AddDays(days) : null;
        var (made, why) = await keys.AddAsync(context.Owner(), name, scope == ApiKeyScopes.Api ? null : scopes, expiresAt);
        return why switch
        {
            NotOwned.Owned => await secrets.ShowAsync(context, Path, made!.Key.KeyId, made.Text),
            NotOwned.BadName => Show(context, keys, new() { Error = FormWords.BadName }, StatusCodes.Status400BadRequest),
            NotOwned.TooMany => Show(context, keys, new() { Error = KeysPage.TooMany }, StatusCodes.Status409Conflict),
            _ => Go.To(Path),
        };
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, UserApiKeys keys)
    {
        var (_, why) = await keys.DeleteAsync(context.Owner(), id);
        return why == NotOwned.NotThere ? ErrorPages.Of(Fault.NotFound) : Go.To(Path, Notice.KeyDeleted);
    }

    private static NewApiKey? Made(HttpContext context, UserApiKeys keys) => context.Made() is [var id, var text]
        && keys.Of(context.Visitor().Account.Id).FirstOrDefault(k => k.KeyId == id) is { } key ? new(key, text) : null;

    private static Page<KeysPage> Show(HttpContext context, UserApiKeys keys, KeyList list, int status = StatusCodes.Status200OK) =>
        new(list with { Keys = keys.Of(context.Visitor().Account.Id) }, status)
            { Field = status == StatusCodes.Status400BadRequest ? "name" : null };
}

/// <summary>What the API keys page shows.</summary>
internal sealed record KeyList
{
    public IReadOnlyList<ApiKey> Keys { get; init; } = [];

    /// <summary>The key just made.</summary>
    public NewApiKey? Made { get; init; }
    public string? Error { get; init; }
}
