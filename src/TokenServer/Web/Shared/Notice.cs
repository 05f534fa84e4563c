namespace TokenServer.Web.Shared;

/// <summary>What was done, as the next page says it. The address carries the name only: nobody can put words of his own on a page.</summary>
internal enum Notice { SignedOut, StartAgain, TunnelDeleted, KeyDeleted, SessionEnded, OthersEnded, PasswordChanged, TwoFactorOff }

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
        _ => null,
    } : null;
}
