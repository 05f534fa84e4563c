using TokenServer.RateLimits;

namespace TokenServer.Connect.Authorize;

/// <summary>How many authorization requests an address may have stored that nobody vouches for: any stranger makes one with a public
/// <c>client_id</c> (<c>RateLimits:Authorize</c>).</summary>
internal sealed class StoredRequestRate(RateLimitsOptions options, RateWindows windows)
{
    private readonly IRateWindow window = windows.Create("connect.authorize", options.Authorize);

    /// <summary>Takes one; how long to wait where there are none left.</summary>
    public async ValueTask<TimeSpan?> TakeAsync(HttpContext http) =>
        await window.TakeAsync(ClientAddress.Key(http)) is { Allowed: false } lease ? lease.RetryAfter : null;
}
