using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace TokenServer.Web.Logout;

/// <summary>Where a logout that was asked for leads, sealed in the form that asks: what comes back was registered when it went out, on
/// whatever replica.</summary>
internal sealed class LogoutTargets(IDataProtectionProvider protection, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);
    private readonly IDataProtector protector = protection.CreateProtector("Logout");

    /// <summary>What a form carries.</summary>
    public string Seal(string address) =>
        protector.Protect($"{(clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}\n{address}");

    /// <summary>The address in what a form carried; null where it is none of ours, or too old.</summary>
    public string? Open(string? text)
    {
        if (text is null) return null;
        try
        {
            string[] parts = protector.Unprotect(text).Split('\n', 2);
            return long.Parse(parts[0], CultureInfo.InvariantCulture) > clock.GetUtcNow().ToUnixTimeSeconds() ? parts[1] : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
