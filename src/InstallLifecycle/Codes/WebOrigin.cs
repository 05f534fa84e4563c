using System.Text.RegularExpressions;

namespace InstallLifecycle.Codes;

/// <summary>Scheme, host and port (RFC 6454), of which one host has many spellings: upper case, a dot at its end, letters beyond ASCII
/// for <c>xn--</c>, a port that goes without saying.</summary>
public static partial class WebOrigin
{
    /// <summary>The one spelling of <paramref name="text"/>, as <c>https://xn--bcher-kva.example:8443</c>; null where it is no origin.
    /// </summary>
    /// <param name="text">An origin as somebody wrote it.</param>
    public static string? Canonical(string? text)
    {
        if (text is null || !Form().IsMatch(text) || !Uri.TryCreate(text, UriKind.Absolute, out var uri)) return null;
        string host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost.ToLowerInvariant();
        if (host.EndsWith('.')) host = host[..^1];
        return uri.IsDefaultPort ? $"{uri.Scheme}://{host}" : $"{uri.Scheme}://{host}:{uri.Port}";
    }

    /// <summary>The server's own, as <paramref name="request"/> calls it; null where that is no host's name.</summary>
    /// <param name="request">The request.</param>
    public static string? Of(HttpRequest request) => Canonical($"{request.Scheme}://{request.Host.ToUriComponent()}");

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@\\]+\z")]
    private static partial Regex Form();
}
