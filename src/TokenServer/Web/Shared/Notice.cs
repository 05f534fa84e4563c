namespace TokenServer.Web.Shared;

/// <summary>What was done, as the next page says it. The address carries the name only:
/// nobody can put words of his own on a page.</summary>
internal enum Notice
{
    SignedOut, StartAgain, TunnelDeleted, KeyDeleted, SessionEnded, OthersEnded, PasswordChanged, TwoFactorOff,
    ClientAdded, ClientSaved, ClientRevoked, ClientRestored, ClientDeleted, UserAdded,
    UserSaved, UserDisabled, UserEnabled, UserDeleted, UserPasswordSet, UserTwoFactorOff,
    ScopeAdded, ScopeSaved, ScopeDeleted, CodeRevoked, ServerRevoked, KeysRotated, KeysReplaced,
}

/// <summary>The words of the notices.</summary>
internal static class Notices
{
    /// <summary>The words for the notice that the address of <paramref name="request"/> names; null without one.</summary>
    public static string? Of(HttpRequest request) => Enum.TryParse<Notice>(request.Query["said"], out var notice) ? notice switch
    {
        Notice.SignedOut => "You are signed out.",
        Notice.StartAgain => "That took too long, or there were too many wrong codes. Please sign in again.",
        Notice.TunnelDeleted => "The tunnel is deleted. Its token is dead.",
        Notice.KeyDeleted => "The API key is deleted. It is dead.",
        Notice.SessionEnded => "The session has ended.",
        Notice.OthersEnded => "All other sessions have ended.",
        Notice.PasswordChanged => "Your password is changed, and all other sessions have ended.",
        Notice.TwoFactorOff => "Two-factor authentication is off.",
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
        Notice.ScopeAdded => "The scope is registered. Clients that name it may ask for it.",
        Notice.ScopeSaved => "The scope is changed.",
        Notice.ScopeDeleted => "The scope is deleted.",
        Notice.CodeRevoked => "The install code is revoked, and what hung on it.",
        Notice.ServerRevoked => "The server is revoked. Its token is dead.",
        Notice.KeysRotated => "The announced keys sign now, and new ones are announced.",
        Notice.KeysReplaced => "All keys are replaced. Every token signed before is dead.",
        _ => null,
    } : null;
}
