using InstallLifecycle.Codes;

namespace TokenServer.Foundation;

/// <summary>The issuer identifier (RFC 8414 section 2): the setting to the letter,
/// or scheme and host of the request where none is set.</summary>
internal sealed class Issuer(TokenServerOptions options)
{
    private readonly string? configured = string.IsNullOrEmpty(options.Issuer) ? null : options.Issuer;
    private volatile Spelling? last;

    public string Of(HttpRequest request) => configured ?? OneSpelling($"{request.Scheme}://{request.Host.ToUriComponent()}");

    /// <summary>The address of <paramref name="path"/>, which starts with a slash.</summary>
    public string Address(HttpRequest request, string path) => Of(request).TrimEnd('/') + path;

    /// <summary>Whether a token that names <paramref name="issuer"/> is ours.</summary>
    public bool Accepts(string? issuer) => configured is null ? issuer is not null : issuer == configured;

    // A host may be called in many ways, and is one issuer.
    private string OneSpelling(string said)
    {
        if (last is { } known && known.Said == said) return known.Canonical;
        string canonical = WebOrigin.Canonical(said) ?? said;
        last = new Spelling(said, canonical);
        return canonical;
    }

    private sealed record Spelling(string Said, string Canonical);
}
