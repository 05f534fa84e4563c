using System.ComponentModel.DataAnnotations;

namespace InstallLifecycle;

/// <summary>Settings <c>InstallLifecycle</c> (contract section 8). Limits count what happened in any span of an hour or a day.</summary>
public sealed class InstallLifecycleOptions
{
    private const string Shortest = "00:00:01", Longest = "01:00:00", Day = "1.00:00:00";

    /// <summary>How long a code may be used; at most an hour, as each of the next two.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan CodeLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a precheck token is good.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan PrecheckLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an install token is good.</summary>
    [Range(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan InstallTokenLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a browser that has loaded the page may ask for codes.</summary>
    [Range(typeof(TimeSpan), Shortest, Day)]
    public TimeSpan BrowserSessionLifetime { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Codes an address gets in an hour.</summary>
    [Range(1, 1_000_000)]
    public int CodesPerIpPerHour { get; set; } = 3;

    /// <summary>Codes an address gets in a day.</summary>
    [Range(1, 1_000_000)]
    public int CodesPerIpPerDay { get; set; } = 10;

    /// <summary>Codes a browser session gets in an hour.</summary>
    [Range(1, 1_000_000)]
    public int CodesPerSessionPerHour { get; set; } = 3;

    /// <summary>Codes that alike browsers of one network get in an hour.</summary>
    [Range(1, 1_000_000)]
    public int CodesPerFingerprintPerHour { get; set; } = 6;

    /// <summary>Activations an address may ask for in a day.</summary>
    [Range(1, 1_000_000)]
    public int ActivationsPerIpPerDay { get; set; } = 5;

    /// <summary>Activations that may be asked for for one machine in a day.</summary>
    [Range(1, 1_000_000)]
    public int ActivationsPerMachinePerDay { get; set; } = 5;

    /// <summary>Whether machines prove their host key: <c>offered</c>, <c>required</c> or <c>off</c>.</summary>
    [EnumDataType(typeof(HostKeyProof), ErrorMessage = "must be one of: offered, required, off")]
    public HostKeyProof HostKeyProof { get; set; }

    /// <summary>Streams of a browser session that may be open at once on this server;
    /// fewer than the six connections that a browser opens to one host.</summary>
    [Range(1, 1_000_000)]
    public int WatchersPerSession { get; set; } = 4;

    /// <summary>Streams of an address that may be open at once on this server.</summary>
    [Range(1, 1_000_000)]
    public int WatchersPerIp { get; set; } = 32;

    /// <summary>Streams that may be open at once on this server.</summary>
    [Range(1, 1_000_000)]
    public int Watchers { get; set; } = 1000;

    /// <summary>How often a server checks in; one that missed three is offline.</summary>
    [Range(typeof(TimeSpan), Shortest, Day)]
    public TimeSpan CheckinInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long what has ended is kept; at least two days, since the limits count what happened in one.</summary>
    [Range(typeof(TimeSpan), "2.00:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a key signs precheck and install tokens, or hashes codes, before another takes its place.</summary>
    [Range(typeof(TimeSpan), Day, "3650.00:00:00")]
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromDays(90);
}

/// <summary>Whether machines prove the host key that they name (contract section 5b).</summary>
public enum HostKeyProof
{
    /// <summary>Who sends the key must prove it.</summary>
    Offered,

    /// <summary>Everybody must.</summary>
    Required,

    /// <summary>Nobody does; what is sent for it is not looked at.</summary>
    Off,
}
