using System.ComponentModel.DataAnnotations;

namespace TokenServer.Audit;

/// <summary>Settings <c>Audit</c>.</summary>
internal sealed class AuditOptions
{
    /// <summary>How long entries are kept.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);
}
