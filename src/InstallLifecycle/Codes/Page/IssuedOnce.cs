using Microsoft.AspNetCore.DataProtection;

namespace InstallLifecycle.Codes.Page;

/// <summary>A code on its way from the plain form to the page that shows it once: in a cookie for a minute, sealed for the browser session
/// that asked for it, and in no address.</summary>
internal sealed class IssuedOnce(IDataProtectionProvider protection, TimeProvider clock)
{
    public const string Cookie = "slowdns_code";
    private const string Shown = "shown";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly IDataProtector protector = protection.CreateProtector("InstallLifecycle.IssuedOnce");

    /// <summary>Has the next page show <paramref name="code"/>.</summary>
    public void Keep(HttpContext context, string session, IssuedCode code) => Set(context, protector.Protect(string.Create(
        CultureInfo.InvariantCulture, $"{session}\n{code.InstallCode}\n{code.ExpiresAt.ToUnixTimeMilliseconds()}\n{code.TtlSeconds}")));

    /// <summary>The code that the page shows now; null where there is none, and whether there was one just before.</summary>
    public (IssuedCode? Code, bool WasShown) Take(HttpContext context, string? session)
    {
        if (context.Request.Cookies[Cookie] is not { } text) return (null, false);
        bool wasShown = text == Shown;
        var code = wasShown ? null : Open(text, session);
        // The page after this one says that it was shown, and no later one.
        if (code is not null) Set(context, Shown);
        else context.Response.Cookies.Delete(Cookie, Options(context, null));
        return (code, wasShown);
    }

    private IssuedCode? Open(string text, string? session)
    {
        string[] parts;
        try
        {
            parts = protector.Unprotect(text).Split('\n');
        }
        catch (CryptographicException)
        {
            // Not one of ours, or sealed by a key that is gone: as none.
            return null;
        }
        var end = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[2], CultureInfo.InvariantCulture));
        return parts[0] == session && end > clock.GetUtcNow()
            ? new IssuedCode(parts[1], end, long.Parse(parts[3], CultureInfo.InvariantCulture)) : null;
    }

    private static void Set(HttpContext context, string value) =>
        context.Response.Cookies.Append(Cookie, value, Options(context, Patience));

    private static CookieOptions Options(HttpContext context, TimeSpan? lifetime) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps,
        Path = context.Request.PathBase + PageEndpoints.Path, MaxAge = lifetime, IsEssential = true,
    };
}
