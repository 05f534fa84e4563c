namespace TokenServer.Storage;

/// <summary>Moments that were stored. One that lies ahead was stamped by a clock that was wrong, and holds nothing:
/// no rule may last longer than it says (contract section 0; docs/operations.md, "When a clock was wrong").</summary>
internal static class StoredTime
{
    /// <summary>So far a clock may be ahead of ours; those of replicas agree within a second.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Whether <paramref name="stored"/> cannot have been stamped by <paramref name="now"/>; both UTC.</summary>
    public static bool IsAhead(DateTime stored, DateTime now) => stored > now + Skew;
}
