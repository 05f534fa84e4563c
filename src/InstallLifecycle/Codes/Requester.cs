namespace InstallLifecycle.Codes;

/// <summary>Whom a code counts for: an address, a browser session, and browsers that look alike in one network.</summary>
internal sealed class Requester
{
    /// <param name="caller">Who asks.</param>
    /// <param name="session">The browser session's id.</param>
    /// <param name="userAgent">The header <c>User-Agent</c>.</param>
    /// <param name="acceptLanguage">The header <c>Accept-Language</c>.</param>
    public Requester(Caller caller, string session, string userAgent, string acceptLanguage)
    {
        Caller = caller;
        Session = HashOf(session);
        Fingerprint = HashOf($"{userAgent}\n{acceptLanguage}\n{caller.Network}");
    }

    public Caller Caller { get; }
    public string Session { get; }
    public string Fingerprint { get; }

    /// <summary>What is stored of a browser session's id.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
