namespace TokenServer.Clients;

/// <summary>Which redirect addresses a client may register (RFC 8252 sections 7 and 8.3, contract section 9).</summary>
internal static class RedirectUris
{
    private static readonly string[] Loopbacks = ["127.0.0.1", "[::1]", "localhost"];

    /// <summary>Whether <paramref name="text"/> may be one: https; http on this machine; for a public client a private-use scheme with
    /// a dot in it. Absolute, with neither fragment nor credentials.</summary>
    public static bool Allows(string text, bool isPublic)
    {
        // Where paths begin with a slash, the framework takes one for a file's address.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || !text.StartsWith(uri.Scheme + ":", StringComparison.OrdinalIgnoreCase)) return false;
        if (text.Any(c => c is '#' or '\\' || char.IsControl(c) || char.IsWhiteSpace(c)) || uri.UserInfo.Length > 0) return false;
        if (uri.Scheme == Uri.UriSchemeHttps) return uri.Host.Length > 0;
        if (uri.Scheme == Uri.UriSchemeHttp) return Loopbacks.Contains(uri.Host);
        return isPublic && uri.Scheme.Contains('.', StringComparison.Ordinal);
    }
}
