using System.ComponentModel.DataAnnotations;

namespace TokenServer.RateLimits;

/// <summary>Settings <c>RateLimits</c> (contract sections 0 and 8).</summary>
internal sealed class RateLimitsOptions
{
    public RateLimit Login { get; set; } = new(5);
    public RateLimit Api { get; set; } = new(60);
    public RateLimit Password { get; set; } = new(30);

    /// <summary>For <c>client_credentials</c> and <c>refresh_token</c>; null: unlimited.</summary>
    public RateLimit? Token { get; set; }
    public RateLimit Pin { get; set; } = new(10);

    /// <summary>Devices that begin to ask, by address: each is a row, and a user code that may be guessed.</summary>
    public RateLimit Device { get; set; } = new(60);

    /// <summary>Authorization requests that are stored for whoever has not proved who it is, by address: each is a row.</summary>
    public RateLimit Authorize { get; set; } = new(600);
}

/// <summary>So many requests in any such span of time.</summary>
internal sealed class RateLimit
{
    public RateLimit()
    {
    }

    public RateLimit(int permits) => Permits = permits;

    [Range(1, 1_000_000)]
    public int Permits { get; set; } = 1;

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);
}
