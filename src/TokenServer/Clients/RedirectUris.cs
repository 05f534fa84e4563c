namespace TokenServer.Clients;

/// <summary>Which addresses a client may register: to be sent back to (RFC 8252 sections 7 and 8.3), to be told of a logout, to be shown to
/// people (contract section 9).</summary>
internal static class RedirectUris
{
    /// <summary>Characters of one address: what every browser and proxy takes.</summary>
    public const int Longest = 2_000;

    private const string Http = "http://";

    private static readonly string[] Loopbacks = ["127.0.0.1", "[::1]", "localhost"];

    /// <summary>What is wrong with <paramref name="text"/> whatever address it is to be, after the words "has an entry that"; null where
    /// nothing is. A header, where addresses go, has no letter beyond ASCII (RFC 9110 section 5.5); a host is said in punycode there.
    /// </summary>
    public static string? FlawOf(string text) =>
        text.Length > Longest ? $"has {text.Length:N0} characters, where {Longest:N0} is the most"
            : !Ascii.IsValid(AuthorityOf(text)) ? "has a host with letters beyond ASCII: write it as xn--…"
            : null;

    /// <summary>Whether <paramref name="text"/>, an absolute address, can stand in a header: what goes back to one that cannot would never
    /// arrive.</summary>
    public static bool CanBeSent(string text) => Ascii.IsValid(text)
        || Ascii.IsValid(AuthorityOf(text)) && Uri.TryCreate(text, UriKind.Absolute, out var uri) && Ascii.IsValid(uri.AbsoluteUri);

    /// <summary>Whether <paramref name="text"/> may be one: https; http on this machine; for a public client a private-use scheme with
    /// a dot in it. Absolute, with neither fragment nor credentials.</summary>
    public static bool Allows(string text, bool isPublic) => Parse(text) is { } uri
        && (IsHttps(uri) || IsLoopback(text) || isPublic && uri.Scheme.Contains('.', StringComparison.Ordinal));

    /// <summary>Whether <paramref name="text"/> may be an address that people are shown or follow: https.</summary>
    public static bool AllowsShown(string text) => Parse(text) is { } uri && IsHttps(uri);

    /// <summary>Whether <paramref name="text"/> may be where the server sends logout tokens: https, or, where that is being developed, http
    /// on this machine (OpenID Connect Back-Channel Logout section 2.2).</summary>
    public static bool AllowsBackChannel(string text, bool isDevelopment) =>
        Parse(text) is { } uri && (IsHttps(uri) || isDevelopment && IsLoopback(text));

    private static bool IsHttps(Uri uri) => uri.Scheme == Uri.UriSchemeHttps && uri.Host.Length > 0;

    // As it is written: to the framework 127.1, 0x7f.1 and 2130706433 are the same host, to a browser's rules and RFC 8252 they are not.
    private static bool IsLoopback(string text)
    {
        if (!text.StartsWith(Http, StringComparison.OrdinalIgnoreCase)) return false;
        var authority = AuthorityOf(text);
        foreach (string host in Loopbacks)
        {
            if (authority.StartsWith(host, StringComparison.OrdinalIgnoreCase) && authority[host.Length..] is [] or [':', ..]) return true;
        }
        return false;
    }

    // Host and port as they are written; empty where there is none.
    private static ReadOnlySpan<char> AuthorityOf(string text)
    {
        int begin = text.IndexOf("//", StringComparison.Ordinal);
        if (begin < 0 || text.AsSpan(0, begin).IndexOfAny("/?#") >= 0) return [];
        var rest = text.AsSpan(begin + 2);
        int end = rest.IndexOfAny("/?#\\");
        return end < 0 ? rest : rest[..end];
    }

    // Absolute, with neither fragment nor credentials.
    private static Uri? Parse(string text)
    {
        if (FlawOf(text) is not null) return null;
        // Where paths begin with a slash, the framework takes one for a file's address.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || !text.StartsWith(uri.Scheme + ":", StringComparison.OrdinalIgnoreCase)) return null;
        return text.Any(c => c is '#' or '\\' || char.IsControl(c) || char.IsWhiteSpace(c)) || uri.UserInfo.Length > 0
            || !CanBeSent(text) ? null : uri;
    }
}
