namespace TokenServer.Hosting;

/// <summary>HEAD wherever GET is (RFC 9110 section 9.3.2): the same answer, whose body the server does not send.</summary>
internal static class HeadAsGet
{
    /// <summary>A group of routes with it.</summary>
    public static RouteGroupBuilder MapWithHead(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("");
        ((IEndpointConventionBuilder)routes).Finally(route =>
        {
            var methods = route.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods ?? [];
            if (methods.Contains(HttpMethods.Get) && !methods.Contains(HttpMethods.Head))
                route.Metadata.Add(new HttpMethodMetadata([.. methods, HttpMethods.Head]));
        });
        return routes;
    }
}
