namespace TokenServer.Import;

/// <summary>The import slice (contract section 7).</summary>
internal static class ImportModule
{
    public static IServiceCollection AddImport(this IServiceCollection services) =>
        services.AddSingleton<Importer>().AddSingleton<ImportTargets>()
            .AddSingleton<OpenIddictImport>().AddSingleton<ImportAtStart>();
}
