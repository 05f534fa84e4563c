using TokenServer.RateLimits;

namespace TokenServer.Web.Authentication;

/// <summary>So many forms of an address that check a password or a code (contract section 0).</summary>
internal sealed class SignInLimit(RateLimitsOptions options, TimeProvider clock)
{
    private readonly SlidingWindow window = new(options.Password, clock);

    /// <summary>Counts one, if it may pass.</summary>
    public RateLease Take(HttpContext context) => window.Take(ClientAddress.Key(context));
}
