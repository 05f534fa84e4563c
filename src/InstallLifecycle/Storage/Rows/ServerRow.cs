namespace InstallLifecycle.Storage.Rows;

/// <summary>A server that an install put up.</summary>
internal sealed class ServerRow
{
    private const int MissedCheckins = 3;

    public long Id { get; set; }

    /// <summary><c>srv_</c> and 16 hex digits.</summary>
    public required string ServerId { get; set; }
    public long ActivationId { get; set; }

    /// <summary>SHA-256 of its token's secret.</summary>
    public required string TokenHash { get; set; }
    public DateTime TokenCreatedAt { get; set; }
    public required string Hostname { get; set; }
    public required string PublicIp { get; set; }
    public required string AgentVersion { get; set; }
    public DateTime RegisteredAt { get; set; }
    public DateTime? LastCheckinAt { get; set; }
    public DateTime? RevokedAt { get; set; }

    /// <summary>How many tokens it was given.</summary>
    public int Registrations { get; set; }
    public int Version { get; set; }

    /// <summary>Whether it has checked in within the last three intervals.</summary>
    public bool IsOnline(InstallLifecycleOptions options, DateTime now) =>
        (LastCheckinAt ?? RegisteredAt) is var seen && seen > now - MissedCheckins * options.CheckinInterval
            && !StoredTime.IsAhead(seen, now);
}
