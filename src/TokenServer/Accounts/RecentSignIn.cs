using TokenServer.Storage;

namespace TokenServer.Accounts;

/// <summary>What changes credentials needs a session whose sign-in was a short while ago (contract section 4).</summary>
internal static class RecentSignIn
{
    /// <summary>So long a sign-in is recent.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    /// <summary>Whether a session that began at <paramref name="authTime"/> (Unix seconds) is recent enough.</summary>
    public static bool Is(long? authTime, TimeProvider clock) => authTime >= (clock.GetUtcNow() - Window).ToUnixTimeSeconds()
        && authTime <= (clock.GetUtcNow() + StoredTime.Skew).ToUnixTimeSeconds();

    /// <inheritdoc cref="Is(long?, TimeProvider)"/>
    public static bool Is(DateTime authTime, TimeProvider clock) => Is(new DateTimeOffset(authTime).ToUnixTimeSeconds(), clock);
}
