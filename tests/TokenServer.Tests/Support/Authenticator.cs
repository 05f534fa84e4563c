using OtpNet;

namespace TokenServer.Tests.Support;

/// <summary>An authenticator app (RFC 6238).</summary>
internal static class Authenticator
{
    /// <summary>What it shows at <paramref name="now"/>, or so many time steps later.</summary>
    public static string Code(string secret, DateTimeOffset now, int steps = 0) => new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(now.UtcDateTime.AddSeconds(30 * steps));
}
