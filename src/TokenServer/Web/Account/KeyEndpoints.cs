using TokenServer.Accounts.ApiKeys;
using TokenServer.Foundation;
using TokenServer.Foundation.Precis;
using TokenServer.Sessions;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;

/// <summary>/account/keys: list, add, delete. A key is in the answer to the form that made it, and nowhere else.</summary>
internal static class KeyEndpoints
{
    public const string Path = WebModule.Account + "/keys";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/keys", IResult (HttpContext context, UserApiKeys keys) => Show(context, keys, new()));
        pages.MapPost("/keys", AddAsync);
        pages.MapPost("/keys/{id}/delete", DeleteAsync);
    }

    private static async Task<IResult> AddAsync(HttpContext context, UserApiKeys keys)
    {
        if (context.Request.Name("name", UserApiKeys.LongestName) is not { } name)
            return Show(context, keys, new() { Error = $"Enter a name of 1 to {UserApiKeys.LongestName} characters." },
                StatusCodes.Status400BadRequest);
        var (made, why) = await keys.AddAsync(context.Owner(), name);
        return why switch
        {
            NotOwned.Owned => Show(context, keys, new() { Made = made }),
            NotOwned.BadName => Show(context, keys, new() { Error = $"The name {GivenName.Rule}." }, StatusCodes.Status400BadRequest),
            NotOwned.TooMany => Show(context, keys,
                new() { Error = $"You have {UserApiKeys.MostKeys} API keys, and cannot have more." }, StatusCodes.Status409Conflict),
            _ => Go.To(Path),
        };
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, UserApiKeys keys)
    {
        var (_, why) = await keys.DeleteAsync(context.Owner(), id);
        return why == NotOwned.NotThere ? ErrorPages.Of(Fault.NotFound) : Go.To(Path, Notice.KeyDeleted);
    }

    private static Page<KeysPage> Show(HttpContext context, UserApiKeys keys, KeyList list, int status = StatusCodes.Status200OK) =>
        new(list with { Keys = keys.Of(context.Visitor().Account.Id) }, status);
}

/// <summary>What the API keys page shows.</summary>
internal sealed record KeyList
{
    public IReadOnlyList<ApiKey> Keys { get; init; } = [];

    /// <summary>The key just made.</summary>
    public NewApiKey? Made { get; init; }
    public string? Error { get; init; }
}
