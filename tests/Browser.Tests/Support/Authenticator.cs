using OtpNet;

namespace Browser.Tests.Support;

/// <summary>An authenticator app: each code is of a step of its own, since the server takes a code once.</summary>
internal sealed class Authenticator(string secret, MovableClock clock)
{
    private readonly Totp totp = new(Base32Encoding.ToBytes(secret));
    private bool shown;

    /// <summary>The code that it shows next.</summary>
    public string Next()
    {
        if (shown) clock.Advance(TimeSpan.FromSeconds(totp.RemainingSeconds(clock.GetUtcNow().UtcDateTime)));
        shown = true;
        return totp.ComputeTotp(clock.GetUtcNow().UtcDateTime);
    }
}
