using TokenServer.Accounts.TwoFactor;

namespace Browser.Tests.Support;

/// <summary>An authenticator app: each code is of a step of its own, since the server takes a code once.</summary>
internal sealed class Authenticator(string secret, MovableClock clock)
{
    private readonly byte[] key = Base32.Decode(secret) ?? throw new ArgumentException("a secret is base 32", nameof(secret));
    private long last;

    /// <summary>The code that it shows next.</summary>
    public string Next()
    {
        clock.Advance(TimeSpan.FromSeconds(Math.Max(0, last + 1 - Totp.StepOf(clock.GetUtcNow())) * 30));
        last = Totp.StepOf(clock.GetUtcNow());
        return Totp.Code(key, last);
    }
}
