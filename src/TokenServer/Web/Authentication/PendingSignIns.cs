using Microsoft.AspNetCore.DataProtection;
using TokenServer.Foundation;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Authentication;

/// <summary>A sign-in between its two steps: the temp token, sealed in a cookie that lives as long as it does,
/// and never in an address.</summary>
internal sealed class PendingSignIns(IDataProtectionProvider protection, LifetimesOptions lifetimes)
{
    public const string CookieName = "tokenserver_second_factor";
    private readonly IDataProtector protector = protection.CreateProtector("PendingSignIn");

    public void Keep(HttpContext context, PendingSignIn pending) =>
        context.Response.Cookies.Append(CookieName,
            protector.Protect($"{pending.TempToken}\n{pending.ReturnPath}"), Cookie(context, lifetimes.TempToken));

    /// <summary>The sign-in that waits for a code; null where there is none. Whether it took too long is for the core to say.</summary>
    public PendingSignIn? Find(HttpContext context)
    {
        if (context.Request.Cookies[CookieName] is not { } cookie) return null;
        try
        {
            string[] parts = protector.Unprotect(cookie).Split('\n', 2);
            return new PendingSignIn(parts[0], ReturnPath.Of(parts[1]));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public void Forget(HttpContext context) => context.Response.Cookies.Delete(CookieName, Cookie(context, null));

    private static CookieOptions Cookie(HttpContext context, TimeSpan? lifetime) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps,
        Path = context.Request.PathBase + WebModule.Account, MaxAge = lifetime, IsEssential = true,
    };
}

/// <summary>What the second step needs of the first.</summary>
internal sealed record PendingSignIn(string TempToken, string ReturnPath);
