using TokenServer.RateLimits;

namespace TokenServer.Connect.Token;

/// <summary>The token endpoint's limits by address: one bucket for the grants that guess at secrets of people, one, if set, for the others.</summary>
internal sealed class TokenRateLimits(RateLimitsOptions options, TimeProvider clock)
{
    private readonly SlidingWindow password = new(options.Password, clock);
    private readonly SlidingWindow? token = options.Token is null ? null : new(options.Token, clock);

    /// <summary>Counts a request: null where it may go on, else how long to wait.</summary>
    public TimeSpan? Take(HttpContext context, GrantRules rules) =>
        (rules.CountsAsPassword ? password : token)?.Take(ClientAddress.Key(context)) is { Allowed: false } lease ? lease.RetryAfter : null;
}
