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

/// <summary>The words of the notices.</summary>
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
        if (Enum.TryParse<Notice>(name, out var notice) && Words(notice) is { } words) context.Items[Key] = words;
    }

    /// <summary>What the page has to say; null for nothing.</summary>
    public static string? Of(HttpContext context) => context.Items.TryGetValue(Key, out object? words) ? words as string : null;

    private static CookieOptions Cookie(HttpContext context, TimeSpan? lifetime) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps,
        Path = context.Request.PathBase + "/", MaxAge = lifetime, IsEssential = true,
    };

    private static string? Words(Notice notice) => notice switch
    {
        Notice.SignedOut => "You are signed out.",
        Notice.SessionOver => "Your session has ended. Sign in to go on.",
        Notice.StartAgain => "That took too long, or there were too many wrong codes. Please sign in again.",
        Notice.TunnelDeleted => "The tunnel is deleted. Its token is dead.",
        Notice.KeyDeleted => "The API key is deleted. It is dead.",
        Notice.SessionEnded => "The session has ended.",
        Notice.OthersEnded => "All other sessions have ended.",
        Notice.PasswordChanged => "Your password is changed, and all other sessions have ended.",
        Notice.TwoFactorOff => "Two-factor authentication is off.",
        Notice.PasskeyAdded => "The passkey is added. From now on it signs you in.",
        Notice.PasskeyRemoved => "The passkey is removed. Other sessions that were begun with it have ended.",
        Notice.NameSaved => "Your name is changed.",
        Notice.EmailAsked => "The new e-mail address waits for an administrator. Until then the old one counts.",
        Notice.EmailWithdrawn => "No e-mail address waits any more. Yours is as it was.",
        Notice.AuthenticatorAdded => "The authenticator is added. A code of any of yours signs you in.",
        Notice.AuthenticatorRemoved => "The authenticator is removed. Its codes sign nobody in any more.",
        Notice.AppWithdrawn => "It is taken back. The application's sessions have ended.",
        Notice.ClientAdded => "The client is registered.",
        Notice.ClientSaved => "The client is changed.",
        Notice.ClientRevoked => "The client is revoked. Every token it was given is dead.",
        Notice.ClientRestored => "The client may ask for tokens again. Those from before stay dead.",
        Notice.ClientDeleted => "The client is deleted. Every token it was given is dead.",
        Notice.UserAdded => "The user may sign in.",
        Notice.UserSaved => "The user is changed.",
        Notice.UserDisabled => "The user is disabled, and all the user's sessions have ended.",
        Notice.UserEnabled => "The user may sign in again.",
        Notice.UserDeleted => "The user is deleted, with everything that was the user's.",
        Notice.UserPasswordSet => "The password is set, and all the user's sessions have ended.",
        Notice.UserTwoFactorOff => "The second factor is removed, and all the user's sessions have ended.",
        Notice.UserPasskeyRemoved => "The passkey is removed, and the sessions that were begun with it have ended.",
        Notice.ScopeAdded => "The scope is registered. Clients that name it may ask for it.",
        Notice.ScopeSaved => "The scope is changed.",
        Notice.ScopeDeleted => "The scope is deleted.",
        Notice.DeviceAllowed => "The device is allowed. It goes on by itself in a few seconds, and you may close this page.",
        Notice.DeviceDenied => "The device is denied. It gets nothing.",
        Notice.CodeRevoked => "The install code is revoked, and what hung on it.",
        Notice.ServerRevoked => "The server is revoked. Its token is dead.",
        Notice.ServerMayRekey => "The right one may register anew within a day, with the receipt of its install.",
        Notice.KeysRotated => "The announced keys sign now, and new ones are announced.",
        Notice.KeysReplaced => "All keys are replaced. Every token signed before is dead.",
        Notice.UserUnlocked => "The account is unlocked. The user may try again at once.",
        Notice.UserSessionsEnded => "All the user's sessions have ended, with every token that was given out for them.",
        Notice.UserKeyDeleted => "The API key is deleted. It is dead.",
        Notice.UserTunnelRevoked => "The tunnel's token is dead. The user may give the tunnel a new one.",
        Notice.ClientSessionsEnded => "All the client's sessions have ended. It goes on, and new ones may begin.",
        Notice.SessionsEnded => "The sessions have ended.",
        Notice.OldSecretEnded => "The old secret is refused from now on.",
        Notice.UserEmailConfirmed => "The new e-mail address counts.",
        Notice.UserEmailRefused => "The new e-mail address is refused. The user keeps the old one.",
        Notice.UserAuthenticatorRemoved => "The authenticator is removed, and all the user's sessions have ended.",
        Notice.TokenRevoked => "What the token stands for has ended.",
        Notice.TokenWasDead => "There was nothing left to end.",
        _ => null,
    };
}
