namespace TokenServer.SignIns;

/// <summary>A browser and its device in a few words, <c>Firefox on Windows</c>, for who looks at a list of sessions. What a browser says
/// of itself (RFC 9110 section 10.1.5) proves nothing and is not kept; what is none of these words is not guessed.</summary>
internal static class BrowserWords
{
    private const int Longest = 1000;

    // Most of them say what they are not, too: the first that fits is right.
    private static readonly (string Mark, string Word)[] Browsers =
    [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"),
        ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Mark, string Word)[] Devices =
    [
        ("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows NT", "Windows"),
        ("Macintosh", "a Mac"), ("Linux", "Linux"),
    ];

    /// <summary>The words for the browser that sent <paramref name="request"/>; null where it is none that is known.</summary>
    public static string? Of(HttpRequest request) => Of(request.Headers.UserAgent.ToString());

    /// <inheritdoc cref="Of(HttpRequest)"/>
    public static string? Of(string userAgent)
    {
        if (userAgent.Length > Longest || !userAgent.StartsWith("Mozilla/", StringComparison.Ordinal)) return null;
        string? browser = Find(Browsers, userAgent), device = Find(Devices, userAgent);
        return browser is null ? null : device is null ? browser : $"{browser} on {device}";
    }

    private static string? Find((string Mark, string Word)[] all, string userAgent)
    {
        foreach (var (mark, word) in all)
            if (userAgent.Contains(mark, StringComparison.Ordinal)) return word;
        return null;
    }
}
