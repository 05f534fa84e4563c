using System.ComponentModel.DataAnnotations;

namespace TokenServer.Foundation;

/// <summary>Settings <c>TokenServer:Storage</c>.</summary>
internal sealed class StorageOptions
{
    /// <summary>How long tokens that need no database are vouched for when that refuses every connection, and so nobody can have revoked
    /// them. Zero behind a pooler, whose refusal says nothing of the database.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan VouchWhileStopped { get; set; } = TimeSpan.FromMinutes(1);
}
