using TokenServer.Accounts.Tunnels;
using TokenServer.Hosting;

namespace TokenServer.Faces.InTunnel;

/// <summary>/api/tunnels: list, add, regenerate, delete. Another account's tunnel is as one that is not there.</summary>
internal static class TunnelEndpoints
{
    private const string NotFound = "Tunnel not found", NameTaken = "A tunnel with this name already exists";

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
        if (bearer.Account is null) return SuccessAnswers.Refuse(bearer);
        return new JsonAnswer<TunnelsAnswer>(StatusCodes.Status200OK, new(true, [.. tunnels.Of(bearer.Account.Id).Select(TunnelAnswer.Of)]), InTunnelJson.Default.TunnelsAnswer);
    }

    private static async Task<IResult> AddAsync(HttpContext context, BearerAuthentication bearers, UserTunnels tunnels)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.IsSession) return SuccessAnswers.Refuse(bearer);
        var (body, refusal) = await JsonBody.ReadAsync(context.Request);
        using (body)
        {
            if (body is null) return SuccessAnswers.Error(refusal!);
            string name = body.Text("name", UserTunnels.LongestName);
            if (body.Problem is { } problem) return SuccessAnswers.BadRequest(problem);
            return await tunnels.AddAsync(bearer.Account!.Id, name) is { } made ? One(StatusCodes.Status201Created, made) : SuccessAnswers.Error(StatusCodes.Status409Conflict, NameTaken);
        }
    }

    private static async Task<IResult> RegenerateAsync(HttpContext context, string id, BearerAuthentication bearers, UserTunnels tunnels)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.IsSession) return SuccessAnswers.Refuse(bearer);
        return int.TryParse(id, out int number) && await tunnels.RegenerateAsync(bearer.Account!.Id, number) is { } made
            ? One(StatusCodes.Status200OK, made) : SuccessAnswers.Error(StatusCodes.Status404NotFound, NotFound);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, BearerAuthentication bearers, UserTunnels tunnels)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.IsSession) return SuccessAnswers.Refuse(bearer);
        return int.TryParse(id, out int number) && await tunnels.DeleteAsync(bearer.Account!.Id, number)
            ? Results.NoContent() : SuccessAnswers.Error(StatusCodes.Status404NotFound, NotFound);
    }

    private static JsonAnswer<OneTunnelAnswer> One(int status, TunnelWithToken made) => new(status, new(true, TunnelAnswer.Of(made)), InTunnelJson.Default.OneTunnelAnswer);
}
