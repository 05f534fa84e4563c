namespace TokenServer.OpenApi;

/// <summary>The description of every JSON route (contract section 6), for programs and for people.</summary>
internal static class OpenApiModule
{
    public static IServiceCollection AddOpenApiDescription(this IServiceCollection services) =>
        services.AddSingleton<OpenApiDocument>().AddSingleton<OpenApiEndpoints>();

    public static void MapOpenApiDescription(this IEndpointRouteBuilder routes) => OpenApiEndpoints.Map(routes);
}
