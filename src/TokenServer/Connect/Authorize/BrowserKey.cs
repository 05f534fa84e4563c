namespace TokenServer.Connect.Authorize;

/// <summary>What a browser is known by between the steps of a sign-in: a random value in a cookie, of which a request's row keeps the
/// SHA-256, so that nobody else goes on with what one browser began.</summary>
internal static class BrowserKey
{
    public const string CookieName = "tokenserver_browser";
    private const int Length = 43;
    private static readonly PathString Path = "/connect/authorize";

    /// <summary>The key of the browser that sent the request; null where it has none.</summary>
    public static string? Of(HttpContext http) =>
        http.Request.Cookies[CookieName] is { Length: Length } value ? Hash(value) : null;

    /// <summary>The key of the browser, which gets one where it has none.</summary>
    public static string Ensure(HttpContext http)
    {
        if (Of(http) is { } known) return known;
        string value = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        http.Response.Cookies.Append(CookieName, value, new CookieOptions
        {
            HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, Path = http.Request.PathBase + Path,
            IsEssential = true,
        });
        return Hash(value);
    }

    private static string Hash(string value) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}
