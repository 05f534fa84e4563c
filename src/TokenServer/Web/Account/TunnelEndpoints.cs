using TokenServer.Accounts.Tunnels;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;

/// <summary>/account/tunnels: list, add, regenerate, delete. A token is shown once, after the
/// form that made it, and nowhere else.</summary>
internal static class TunnelEndpoints
{
    public const string Path = WebModule.Account + "/tunnels";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/tunnels", IResult (HttpContext context, UserTunnels tunnels) => 
            Show(context, tunnels, new() { Made = Made(context, tunnels) }));
        pages.MapPost("/tunnels", AddAsync);
        pages.MapPost("/tunnels/{id:int}/regenerate", RegenerateAsync);
        pages.MapPost("/tunnels/{id:int}/delete", DeleteAsync);
    }

    private static async Task<IResult> AddAsync(HttpContext context, UserTunnels tunnels, MadeSecrets secrets)
    {
        if (context.Request.Name("name", UserTunnels.LongestName) is not { } name)
            return Show(context, tunnels, new() { Error = FormWords.NoName(UserTunnels.LongestName) }, StatusCodes.Status400BadRequest);
        var (made, why) = await tunnels.AddAsync(context.Owner(), name);
        return why switch
        {
            NotOwned.Owned => await ShowMadeAsync(context, secrets, made!),
            NotOwned.BadName =>
                Show(context, tunnels, new() { Error = FormWords.BadName, Name = name }, StatusCodes.Status400BadRequest),
            NotOwned.NameTaken =>
                Show(context, tunnels, new() { Error = TunnelsPage.NameTaken, Name = name }, StatusCodes.Status409Conflict),
            NotOwned.TooMany => Show(context, tunnels, new() { Error = TunnelsPage.TooMany, Name = name }, StatusCodes.Status409Conflict),
            _ => Go.To(Path),
        };
    }

    private static async Task<IResult> RegenerateAsync(HttpContext context, int id, UserTunnels tunnels, MadeSecrets secrets)
    {
        var (made, why) = await tunnels.RegenerateAsync(context.Owner(), id);
        if (why == NotOwned.NotThere) return ErrorPages.Of(Fault.NotFound);
        return made is null ? Go.To(Path) : await ShowMadeAsync(context, secrets, made);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, int id, UserTunnels tunnels)
    {
        var (_, why) = await tunnels.DeleteAsync(context.Owner(), id);
        return why == NotOwned.NotThere ? ErrorPages.Of(Fault.NotFound) : Go.To(Path, Notice.TunnelDeleted);
    }

    private static Task<IResult> ShowMadeAsync(HttpContext context, MadeSecrets secrets, TunnelWithToken made) =>
        secrets.ShowAsync(context, Path, made.Tunnel.Id.ToString(CultureInfo.InvariantCulture), made.Token);

    private static TunnelWithToken? Made(HttpContext context, UserTunnels tunnels) => context.Made() is [var id, var token]
        && tunnels.Of(context.Visitor().Account.Id).FirstOrDefault(t => t.Id.ToString(CultureInfo.InvariantCulture) == id) is { } tunnel
            ? new(tunnel, token) : null;

    private static Page<TunnelsPage> Show(HttpContext context,
        UserTunnels tunnels, TunnelList list, int status = StatusCodes.Status200OK) =>
        new(list with { Tunnels = tunnels.Of(context.Visitor().Account.Id) }, status)
            { Field = list.Error is { } error && error != TunnelsPage.TooMany ? "name" : null };
}

/// <summary>What the tunnels page shows.</summary>
internal sealed record TunnelList
{
    public IReadOnlyList<Tunnel> Tunnels { get; init; } = [];

    /// <summary>The tunnel that just got a token.</summary>
    public TunnelWithToken? Made { get; init; }
    public string? Error { get; init; }

    /// <summary>The name that was refused.</summary>
    public string? Name { get; init; }
}
