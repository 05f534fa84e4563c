using TokenServer.Foundation;

namespace TokenServer.Admin;

/// <summary><c>?dry_run=true</c>: says what an act would end, and does nothing. An act with any other parameter is refused,
/// since what is misspelt must not be done in earnest.</summary>
internal sealed class DryRun : IEndpointFilter
{
    private const string Name = "dry_run";
    private static readonly Possible Marker = new();

    /// <summary>Whether it is asked for, on a route that has it.</summary>
    public static bool IsAsked(HttpRequest request) => request.Query[Name] == "true";

    /// <summary>Lets a route have it.</summary>
    public static void On(RouteHandlerBuilder route) => route.WithMetadata(Marker);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.Request.IsRead()) return await next(context);
        bool isPossible = http.GetEndpoint()?.Metadata.GetMetadata<Possible>() is not null;
        foreach (var (name, values) in http.Request.Query)
        {
            if (!isPossible) return Problem.BadRequest("This takes no query parameter.");
            if (name != Name) return Problem.BadRequest($"A query parameter is not known. Known is: {Name}.");
            if (values is not ["true" or "false"]) return Problem.BadRequest($"{Name} must be true or false, once.");
        }
        return await next(context);
    }

    private sealed class Possible;
}
