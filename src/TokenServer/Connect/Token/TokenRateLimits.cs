using TokenServer.Clients;
using TokenServer.RateLimits;

namespace TokenServer.Connect.Token;

/// <summary>
/// The token endpoint's limits by address: one bucket for the grants that guess at secrets of people, one, if set, for the others.
/// </summary>
internal sealed class TokenRateLimits(RateLimitsOptions options, RateWindows windows)
{
    private readonly IRateWindow password = windows.Create("connect.password", options.Password);
    private readonly IRateWindow? token = options.Token is null ? null : windows.Create("connect.token", options.Token);

    /// <summary>Counts a request: null where it may go on, else how long to wait.</summary>
    public async ValueTask<TimeSpan?> TakeAsync(HttpContext context, string grantType)
    {
        var window = grantType is "password" or SessionRequest.SecondFactorGrant ? password : token;
        if (window is null) return null;
        return await window.TakeAsync(ClientAddress.Key(context)) is { Allowed: false } lease ? lease.RetryAfter : null;
    }
}
