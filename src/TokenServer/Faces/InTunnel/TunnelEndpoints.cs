using TokenServer.Accounts.ApiKeys;
using TokenServer.Accounts.Tunnels;
using TokenServer.Foundation;
using TokenServer.Foundation.Precis;
using TokenServer.Sessions;

namespace TokenServer.Faces.InTunnel;

/// <summary>/api/tunnels: list, add, regenerate, delete. Another account's tunnel is as one that is not there.</summary>
internal static class TunnelEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/tunnels", ListAsync);
        routes.MapPost("/api/tunnels", AddAsync);
        routes.MapPost("/api/tunnels/{id}/regenerate", RegenerateAsync);
        routes.MapDelete("/api/tunnels/{id}", DeleteAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, BearerAuthentication bearers, UserTunnels tunnels)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.May(ApiKeyScopes.Tunnels)) return SuccessAnswers.Refuse(bearer);
        return new JsonAnswer<TunnelsAnswer>(StatusCodes.Status200OK,
            new(true, [.. tunnels.Of(bearer.Account!.Id).Select(TunnelAnswer.Of)]), InTunnelJson.Default.TunnelsAnswer);
    }

    private static async Task<IResult> AddAsync(HttpContext context, BearerAuthentication bearers, UserTunnels tunnels)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.IsOwner) return SuccessAnswers.Refuse(bearer);
        var (fields, refusal) = await JsonBody.ReadAsync(context.Request, ("name", UserTunnels.LongestName));
        if (fields is not [var name]) return SuccessAnswers.Error(refusal!);
        var (made, why) = await tunnels.AddAsync(bearer.Owner(context), name);
        return made is not null ? One(StatusCodes.Status201Created, made) : Refuse(why);
    }

    private static async Task<IResult> RegenerateAsync(HttpContext context, string id, BearerAuthentication bearers, UserTunnels tunnels)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.IsOwner) return SuccessAnswers.Refuse(bearer);
        if (!int.TryParse(id, out int number)) return Refuse(NotOwned.NotThere);
        var (made, why) = await tunnels.RegenerateAsync(bearer.Owner(context), number);
        return made is not null ? One(StatusCodes.Status200OK, made) : Refuse(why);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, BearerAuthentication bearers, UserTunnels tunnels)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.IsOwner) return SuccessAnswers.Refuse(bearer);
        if (!int.TryParse(id, out int number)) return Refuse(NotOwned.NotThere);
        var (deleted, why) = await tunnels.DeleteAsync(bearer.Owner(context), number);
        return deleted is not null ? Results.NoContent() : Refuse(why);
    }

    private static IResult Refuse(NotOwned why) => why switch
    {
        NotOwned.SignedOut => SuccessAnswers.Refuse(Bearer.Invalid),
        NotOwned.BadName => SuccessAnswers.Error(StatusCodes.Status400BadRequest, $"The field 'name' {GivenName.Rule}"),
        NotOwned.NameTaken => SuccessAnswers.Error(StatusCodes.Status409Conflict, "A tunnel with this name already exists"),
        NotOwned.TooMany => SuccessAnswers.Error(StatusCodes.Status409Conflict, "Too many tunnels"),
        _ => SuccessAnswers.Error(StatusCodes.Status404NotFound, "Tunnel not found"),
    };

    private static JsonAnswer<OneTunnelAnswer> One(int status, TunnelWithToken made) =>
        new(status, new(true, TunnelAnswer.Of(made)), InTunnelJson.Default.OneTunnelAnswer);
}
