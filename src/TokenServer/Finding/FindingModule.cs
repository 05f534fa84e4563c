namespace TokenServer.Finding;

/// <summary>What finds things by the names that people use, across the slices that keep them (docs/decisions/0039).</summary>
internal static class FindingModule
{
    public static IServiceCollection AddFinding(this IServiceCollection services) => services.AddSingleton<AuditSearch>();
}
