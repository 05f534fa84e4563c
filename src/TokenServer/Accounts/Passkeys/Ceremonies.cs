using Microsoft.AspNetCore.DataProtection;
using TokenServer.Storage;

namespace TokenServer.Accounts.Passkeys;

/// <summary>The challenges that browsers answer with a passkey (WebAuthn section 13.4.3): sealed into the page, so that a look at a page
/// stores nothing; good for the browser that got the page, for half an hour, and once on all replicas together.</summary>
internal sealed class Ceremonies(
    IDataProtectionProvider protection, UsedIds used, IWebAuthentication protocol, TimeProvider clock)
{
    /// <summary>A page that offers passkeys may wait as long as a browser may be idle.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly IDataProtector protector = protection.CreateProtector("PasskeyCeremony");

    /// <summary>Who checks what a browser says.</summary>
    public IWebAuthentication Protocol => protocol;

    /// <summary>What the page carries.</summary>
    /// <param name="purpose">What the answer is for.</param>
    /// <param name="browser">The browser's key.</param>
    /// <param name="state">The challenge, and what belongs to it.</param>
    public string Seal(string purpose, string browser, string state)
    {
        long until = (clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds();
        return protector.Protect($"{purpose}\n{until.ToString(CultureInfo.InvariantCulture)}\n{browser}\n{state}");
    }

    /// <summary>The state that <see cref="Seal"/> was given, which is used up by this; null where it is another's, over, or was used
    /// before.</summary>
    public async Task<string?> OpenAsync(string purpose, string browser, string text)
    {
        if (Read(text) is not [var itsPurpose, var itsEnd, var itsBrowser, var state]) return null;
        var now = clock.GetUtcNow();
        var until = DateTimeOffset.FromUnixTimeSeconds(long.Parse(itsEnd, CultureInfo.InvariantCulture));
        // One that ends later than one made now was sealed by a clock that was ahead.
        if (itsPurpose != purpose || itsBrowser != browser || until <= now || until > now + Lifetime + StoredTime.Skew) return null;
        return await used.UseAsync("passkey", purpose, state, until.UtcDateTime) ? state : null;
    }

    private string[]? Read(string text)
    {
        try
        {
            return protector.Unprotect(text).Split('\n', 4);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

/// <summary>What a browser answers: its own words, JSON as WebAuthn section 5.1 has it, and the sealed challenge that came with
/// them.</summary>
/// <param name="Credential">The answer.</param>
/// <param name="Ceremony">What <see cref="Ceremonies.Seal"/> gave the page.</param>
/// <param name="Browser">The browser's key.</param>
/// <param name="Party">Whom the passkey has to be for.</param>
internal sealed record ShownPasskey(string Credential, string Ceremony, string Browser, RelyingParty Party);
