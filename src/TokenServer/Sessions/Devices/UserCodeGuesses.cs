using TokenServer.RateLimits;

namespace TokenServer.Sessions.Devices;

/// <summary>Guessing at user codes is bounded (RFC 8628 section 5.1, contract section 9): after ten wrong ones from an address, or by an
/// account, in ten minutes no code is looked at.</summary>
internal sealed class UserCodeGuesses(RateWindows windows)
{
    private const int Lanes = 64;
    private static readonly RateLimit Limit = new(10) { Window = TimeSpan.FromMinutes(10) };
    private readonly IRateWindow byAddress = windows.Create("device.address", Limit), byAccount = windows.Create("device.account", Limit);

    // Guesses that come at once are looked at one after the other, so that each finds the wrong ones before it counted.
    private readonly SemaphoreSlim[] addresses = Gates(), accounts = Gates();

    /// <summary>Has a code looked at, unless there were too many wrong ones.</summary>
    /// <param name="address">The key of the caller's address.</param>
    /// <param name="accountId">Who types it.</param>
    /// <param name="look">Looks.</param>
    /// <param name="isWrong">Whether what was found says that the code is wrong.</param>
    /// <returns>What was found; or how things stand, where the limit is reached.</returns>
    public async Task<(T? Found, RateLease? Refused)> LookAsync<T>(
        string address, int accountId, Func<Task<T>> look, Func<T, bool> isWrong)
    {
        string account = accountId.ToString(CultureInfo.InvariantCulture);
        SemaphoreSlim first = addresses[Lane(address)], second = accounts[accountId % Lanes];
        await first.WaitAsync();
        try
        {
            await second.WaitAsync();
            try
            {
                if (await RefusedAsync(address, account) is { } refused) return (default, refused);
                var found = await look();
                if (!isWrong(found)) return (found, null);
                await byAddress.TakeAsync(address);
                await byAccount.TakeAsync(account);
                return (found, null);
            }
            finally
            {
                second.Release();
            }
        }
        finally
        {
            first.Release();
        }
    }

    private async ValueTask<RateLease?> RefusedAsync(string address, string account)
    {
        if (await byAddress.LookAsync(address) is { Allowed: false } far) return far;
        return await byAccount.LookAsync(account) is { Allowed: false } own ? own : null;
    }

    private static SemaphoreSlim[] Gates() => [.. Enumerable.Range(0, Lanes).Select(_ => new SemaphoreSlim(1))];

    private static int Lane(string address) => (int)((uint)string.GetHashCode(address, StringComparison.Ordinal) % Lanes);
}
