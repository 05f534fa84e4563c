using TokenServer.RateLimits;

namespace TokenServer.Web.Authentication;

/// <summary>So many forms of an address that check a password or a code (contract section 0).</summary>
internal sealed class SignInLimit(RateLimitsOptions options, RateWindows windows)
{
    private readonly IRateWindow window = windows.Create("web sign-in", options.Password);

    /// <summary>Counts one, if it may pass.</summary>
    public ValueTask<RateLease> TakeAsync(HttpContext context) => window.TakeAsync(ClientAddress.Key(context));
}
