using System.ComponentModel.DataAnnotations;

namespace TokenServer.Foundation;

/// <summary>Settings <c>TokenServer:Lifetimes</c> (contract section 8).</summary>
internal sealed class LifetimesOptions
{
    /// <summary>No setting lets an access token live longer, so a session's revocation need be remembered no longer.</summary>
    public static readonly TimeSpan LongestAccessToken = TimeSpan.FromDays(7);

    private const string Least = "00:00:01", Week = "7.00:00:00", TenYears = "3650.00:00:00";

    [Range(typeof(TimeSpan), Least, Week)]
    public TimeSpan AccessToken { get; set; } = TimeSpan.FromHours(1);

    [Range(typeof(TimeSpan), Least, Week)]
    public TimeSpan IdentityToken { get; set; } = TimeSpan.FromMinutes(20);

    /// <summary>How long a refresh token may wait to be used.</summary>
    [Range(typeof(TimeSpan), Least, TenYears)]
    public TimeSpan RefreshToken { get; set; } = TimeSpan.FromDays(14);

    /// <summary>When a session ends for good, however often it is refreshed.</summary>
    [Range(typeof(TimeSpan), Least, TenYears)]
    public TimeSpan Session { get; set; } = TimeSpan.FromDays(90);

    /// <summary>The InTunnel face's access tokens.</summary>
    [Range(typeof(TimeSpan), Least, Week)]
    public TimeSpan SessionToken { get; set; } = TimeSpan.FromDays(1);

    [Range(typeof(TimeSpan), Least, "01:00:00")]
    public TimeSpan TempToken { get; set; } = TimeSpan.FromMinutes(5);

    [Range(typeof(TimeSpan), Least, "1.00:00:00")]
    public TimeSpan PinToken { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long an authorization code may wait to be exchanged.</summary>
    [Range(typeof(TimeSpan), Least, "00:10:00")]
    public TimeSpan AuthorizationCode { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an authorization request that was pushed may wait for a browser to come with it.</summary>
    [Range(typeof(TimeSpan), Least, "00:10:00")]
    public TimeSpan PushedRequest { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a device code may wait for somebody to allow it.</summary>
    [Range(typeof(TimeSpan), Least, "1.00:00:00")]
    public TimeSpan DeviceCode { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a used refresh token still answers with its one successor.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan RefreshTokenReuseLeeway { get; set; } = TimeSpan.FromSeconds(30);
}
