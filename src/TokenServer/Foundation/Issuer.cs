using System.Text.RegularExpressions;
using InstallLifecycle.Codes;

namespace TokenServer.Foundation;

/// <summary>The issuer identifier (RFC 8414 section 2): the setting to the letter,
/// or scheme and host of the request where none is set.</summary>
internal sealed partial class Issuer(TokenServerOptions options)
{
    private readonly string? configured = string.IsNullOrEmpty(options.Issuer) ? null : options.Issuer;
    private volatile Spelling? last;

    /// <summary>The path below which everything is, as <c>/tenant</c>; empty where there is none.</summary>
    public PathString Path => configured is null ? PathString.Empty : new Uri(configured).AbsolutePath.TrimEnd('/');

    /// <summary>It, where no request asks: the setting, or what the last request called this server; null before the first.</summary>
    public string? Known => configured ?? last?.Canonical;

    public string Of(HttpRequest request) => configured ?? OneSpelling($"{request.Scheme}://{request.Host.ToUriComponent()}");

    /// <summary>The address of <paramref name="path"/>, which starts with a slash.</summary>
    public string Address(HttpRequest request, string path) => Of(request).TrimEnd('/') + path;

    /// <summary>Whether a token that names <paramref name="issuer"/> is ours.</summary>
    public bool Accepts(string? issuer) => configured is null ? issuer is not null : issuer == configured;

    /// <summary>What is wrong with an issuer identifier; null where it is canonical: clients compare it to the letter.</summary>
    public static string? ProblemOf(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            || text.Contains('?', StringComparison.Ordinal) || text.Contains('#', StringComparison.Ordinal) || uri.UserInfo.Length > 0)
            return "must be an absolute http or https URL without query or fragment";
        string canonical = $"{uri.Scheme}://{HostOf(uri)}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}{uri.AbsolutePath}";
        if (uri.AbsolutePath == "/" && !text.EndsWith('/')) canonical = canonical[..^1];
        if (text != canonical) return $"must be written {canonical}: clients compare it to the letter";
        return Plain().IsMatch(uri.AbsolutePath) ? null : "may have letters, digits and - . _ ~ in its path, and single slashes";
    }

    // A host may be called in many ways, and is one issuer.
    private string OneSpelling(string said)
    {
        if (last is { } known && known.Said == said) return known.Canonical;
        string canonical = WebOrigin.Canonical(said) ?? said;
        last = new Spelling(said, canonical);
        return canonical;
    }

    private static string HostOf(Uri uri) => uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost.TrimEnd('.');

    [GeneratedRegex(@"^(/[A-Za-z0-9._~-]+)*/?\z")]
    private static partial Regex Plain();

    private sealed record Spelling(string Said, string Canonical);
}
