using System.ComponentModel.DataAnnotations;

namespace TokenServer.Foundation;

/// <summary>Settings <c>TokenServer:Keys</c>: how long a signing key stays in each phase.</summary>
internal sealed class KeysOptions
{
    /// <summary>How long a key signs before the next one takes over.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan Active { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long a key is published before it may sign: longer than any resource server caches the key set.</summary>
    [Range(typeof(TimeSpan), "00:15:00", "365.00:00:00")]
    public TimeSpan Announced { get; set; } = TimeSpan.FromDays(1);
}
