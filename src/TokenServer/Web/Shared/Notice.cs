namespace TokenServer.Web.Shared;

/// <summary>What was done, as the next page says it, once. A cookie carries the name only: nobody can put words of his own on a page, nor
/// send anybody an address that says something was done.</summary>
internal enum Notice
{
    SignedOut, SessionOver, StartAgain, TunnelDeleted, KeyDeleted, SessionEnded, OthersEnded, PasswordChanged, TwoFactorOff, AppWithdrawn,
    PasskeyAdded, PasskeyRemoved, NameSaved, EmailAsked, EmailWithdrawn, AuthenticatorAdded, AuthenticatorRemoved,
    ClientAdded, ClientSaved, ClientRevoked, ClientRestored, ClientDeleted, UserAdded,
    UserSaved, UserDisabled, UserEnabled, UserDeleted, UserPasswordSet, UserTwoFactorOff, UserPasskeyRemoved,
    ScopeAdded, ScopeSaved, ScopeDeleted, DeviceAllowed, DeviceDenied, CodeRevoked, ServerRevoked, ServerMayRekey,
    KeysRotated, KeysReplaced, UserUnlocked, UserSessionsEnded, UserKeyDeleted, UserTunnelRevoked, ClientSessionsEnded, SessionsEnded,
    TokenRevoked, TokenWasDead, OldSecretEnded, UserEmailConfirmed, UserEmailRefused, UserAuthenticatorRemoved,
}

/// <summary>Carries a notice from the answer to a form to the next page.</summary>
internal static class Notices
{
    private static readonly object Key = new();
    public const string CookieName = "tokenserver_notice";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <summary>Has the browser's next page say it.</summary>
    public static void Say(HttpContext context, Notice notice) =>
        context.Response.Cookies.Append(CookieName, notice.ToString(), Cookie(context, Lifetime));

    /// <summary>Takes what the page that is shown now has to say.</summary>
    public static void Take(HttpContext context)
    {
        if (context.Request.Cookies[CookieName] is not { } name) return;
        context.Response.Cookies.Delete(CookieName, Cookie(context, null));
        if (Enum.TryParse<Notice>(name, out var notice) && NoticeWords.Of(notice) is { } words) context.Items[Key] = words;
    }

    /// <summary>What the page has to say; null for nothing.</summary>
    public static string? Of(HttpContext context) => context.Items.TryGetValue(Key, out object? words) ? words as string : null;

    private static CookieOptions Cookie(HttpContext context, TimeSpan? lifetime) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps,
        Path = context.Request.PathBase + "/", MaxAge = lifetime, IsEssential = true,
    };
}
