using System.Buffers.Binary;
using Microsoft.AspNetCore.DataProtection;

namespace InstallLifecycle.Codes;

/// <summary>The cookie <c>slowdns_browser</c>: that a browser has loaded the page, and which one its codes count for. It is sealed, not
/// stored; it is bound to neither address nor browser (contract section 5, route 2).</summary>
internal sealed class BrowserSession(IDataProtectionProvider protection, InstallLifecycleOptions options, TimeProvider clock)
{
    public const string Cookie = "slowdns_browser";
    private const int IdLength = 16;
    private readonly IDataProtector protector = protection.CreateProtector("InstallLifecycle.BrowserSession");

    /// <summary>Gives the browser a session, or more time for the one it has: a reload makes no new one,
    /// whose limit would be unused.</summary>
    public void Renew(HttpContext context)
    {
        byte[] content = new byte[IdLength + sizeof(long)];
        if (Open(context.Request) is { } id) id.CopyTo(content.AsSpan());
        else RandomNumberGenerator.Fill(content.AsSpan(0, IdLength));
        DateTimeOffset end = clock.GetUtcNow() + options.BrowserSessionLifetime;
        BinaryPrimitives.WriteInt64BigEndian(content.AsSpan(IdLength), end.ToUnixTimeMilliseconds());
        context.Response.Cookies.Append(Cookie, Base64Url.EncodeToString(protector.Protect(content)), new CookieOptions
        {
            HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps,
            Path = context.Request.PathBase + "/", MaxAge = options.BrowserSessionLifetime, IsEssential = true,
        });
    }

    /// <summary>The session's id in hex; null where there is none, it has ended, or this server did not make it.</summary>
    public string? Read(HttpRequest request) => Open(request) is { } id ? Convert.ToHexStringLower(id) : null;

    private byte[]? Open(HttpRequest request)
    {
        if (request.Cookies[Cookie] is not { Length: > 0 and < 1024 } text) return null;
        byte[] content;
        try
        {
            content = protector.Unprotect(Base64Url.DecodeFromChars(text));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            // Not one of ours, or sealed by a key that is gone: as none.
            return null;
        }
        if (content.Length != IdLength + sizeof(long)) return null;
        long end = BinaryPrimitives.ReadInt64BigEndian(content.AsSpan(IdLength));
        DateTimeOffset now = clock.GetUtcNow(), latest = now + options.BrowserSessionLifetime + StoredTime.Skew;
        return end > now.ToUnixTimeMilliseconds() && end <= latest.ToUnixTimeMilliseconds() ? content[..IdLength] : null;
    }
}
