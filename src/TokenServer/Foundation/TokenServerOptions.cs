using System.ComponentModel.DataAnnotations;
using System.Net;
using InstallLifecycle.Codes;

namespace TokenServer.Foundation;

/// <summary>Settings <c>TokenServer</c> (contract section 8).</summary>
internal sealed class TokenServerOptions : IValidatableObject
{
    /// <summary>The issuer identifier; required, and https, everywhere but in Development.</summary>
    public string? Issuer { get; set; }

    /// <summary>A file imported at the start when it differs from the one imported last.</summary>
    public string? ImportFile { get; set; }

    /// <summary>Whether plain HTTP is refused; null: everywhere but in Development.</summary>
    public bool? RequireHttps { get; set; }

    /// <summary>Whether answers over HTTPS outside Development tell browsers to come by HTTPS alone, for a year (HSTS).</summary>
    public bool Hsts { get; set; } = true;

    /// <summary>Addresses and networks (CIDR) whose <c>X-Forwarded-*</c> headers count.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>Origins that browsers may call from.</summary>
    public string[] AllowedOrigins { get; set; } = [];
    public string? DataDirectory { get; set; }

    /// <summary>Base64 of 32 bytes: seals the Data Protection keys in a database that replicas share.</summary>
    public string? MasterKey { get; set; }

    /// <summary>A file with it; of several lines the first seals, all open.</summary>
    public string? MasterKeyFile { get; set; }

    /// <summary>Whether the same request of client_credentials or introspection is answered as it was before,
    /// where nothing it hung on has changed.</summary>
    public bool RememberDecisions { get; set; } = true;

    /// <summary>How long the server goes on taking requests after it was told to stop and says that it is not ready.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainDelay { get; set; }

    /// <summary>How long, after that, requests in flight have to be answered.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);
    public LifetimesOptions Lifetimes { get; set; } = new();
    public KeysOptions Keys { get; set; } = new();
    public StorageOptions Storage { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrEmpty(Issuer) && Foundation.Issuer.ProblemOf(Issuer) is { } problem)
            yield return new(problem, [nameof(Issuer)]);
        foreach (string proxy in TrustedProxies)
            if (!IPAddress.TryParse(proxy, out _) && !(IPNetwork.TryParse(proxy, out var network) && network.PrefixLength > 0))
                yield return new($"'{proxy}' is neither an IP address nor a network", [nameof(TrustedProxies)]);
        foreach (string origin in AllowedOrigins)
            if (WebOrigin.Canonical(origin) is null)
                yield return new($"'{origin}' is no origin (scheme, host and port)", [nameof(AllowedOrigins)]);
        if (Lifetimes.Session < Lifetimes.RefreshToken) yield return new("must not be shorter than RefreshToken", ["Lifetimes:Session"]);
    }
}
