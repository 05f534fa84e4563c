using System.Text.Json.Nodes;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage.Rows;

namespace TokenServer.Admin.Scopes;

/// <summary>/admin/api/scopes: register, read, change, delete.</summary>
internal static class ScopeEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/scopes", List);
        routes.MapPost("/scopes", CreateAsync);
        routes.MapGet("/scopes/{name}", Get);
        routes.MapPatch("/scopes/{name}", ChangeAsync);
        routes.MapDelete("/scopes/{name}", DeleteAsync);
    }

    private static IResult List(HttpContext context, RegisteredScopes scopes)
    {
        var (page, problem) = PageRequest.Of(context.Request);
        if (problem is not null) return problem;
        var items = scopes.All.Where(s => page!.Part is not { } part || part.IsIn(s.Name) || part.IsIn(s.DisplayName)).ToList();
        return page!.Answer(page.Stretch.Of(items, s => s.Id), s => s.Id, ScopeRegistration.Of, AdminJson.Default.ScopeRegistration,
            _ => items.Count);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, RegisteredScopes scopes)
    {
        var (registration, unreadable) = await AdminBody.ReadAsync(context.Request, AdminJson.Default.ScopeRegistration);
        if (registration is null) return unreadable!;
        if (await scopes.AddAsync(registration, Administrator.Of(context)) is { } problem) return Problem.Of(new(problem));
        context.Response.Headers.Location = $"/admin/api/scopes/{Uri.EscapeDataString(registration.Name)}";
        return Answer(context, scopes.Find(registration.Name)!, StatusCodes.Status201Created);
    }

    private static IResult Get(HttpContext context, string name, RegisteredScopes scopes) =>
        scopes.Find(NameOf(name)) is { } scope ? Answer(context, scope, StatusCodes.Status200OK) : Problem.NotFound();

    private static async Task<IResult> ChangeAsync(HttpContext context, string name, RegisteredScopes scopes)
    {
        var (patch, unreadable) = await AdminBody.ReadObjectAsync(context.Request);
        if (patch is null) return unreadable!;
        if (AdminBody.Bind(patch, AdminJson.Default.ScopeRegistration, isPatch: true).Problem is { } wrong) return wrong;
        if (patch.ContainsKey("name")) return Problem.BadRequest("name cannot be changed.");
        var (scope, refused) = await scopes.UpdateAsync(NameOf(name), version => EntityTag.Allows(context.Request, version), current =>
            JsonSerializer.SerializeToNode(current, AdminJson.Default.ScopeRegistration) is JsonObject members
                ? AdminBody.Merge(members, patch).Deserialize(AdminJson.Default.ScopeRegistration)! : current, Administrator.Of(context));
        return scope is null
            ? EntityTag.Explain(context.Request, Problem.Of(refused!)) : Answer(context, scope, StatusCodes.Status200OK);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string name, RegisteredScopes scopes) =>
        await scopes.DeleteAsync(NameOf(name), Administrator.Of(context)) is { } refused ? Problem.Of(refused) : Results.NoContent();

    // The server leaves %2F in a path as it is; everything else is decoded.
    private static string NameOf(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static JsonAnswer<ScopeRegistration> Answer(HttpContext context, ScopeRow scope, int status)
    {
        EntityTag.Set(context, scope.ConcurrencyToken ?? "");
        return new(status, ScopeRegistration.Of(scope), AdminJson.Default.ScopeRegistration);
    }
}
