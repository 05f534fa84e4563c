namespace TokenServer.Foundation;

/// <summary>Whether plain HTTP is refused: everywhere but in Development,
/// unless <c>TokenServer:RequireHttps</c> says otherwise (contract section 3).</summary>
internal sealed class HttpsPolicy(TokenServerOptions options, IHostEnvironment environment)
{
    /// <summary>Where probes ask, which come over plain HTTP.</summary>
    public const string Live = "/health/live", Ready = "/health/ready";
    private static readonly PathString[] AlwaysOpen = ["/api/v2/healthz", Live, Ready];
    private readonly bool required = options.RequireHttps ?? !environment.IsDevelopment();

    /// <summary>Whether plain HTTP is refused.</summary>
    public bool IsRequired => required;

    public bool Refuses(HttpRequest request) => required && !request.IsHttps && !AlwaysOpen.Contains(request.Path);
}
