namespace InstallLifecycle.Storage.Rows;

/// <summary>A server that an install put up.</summary>
internal sealed class ServerRow
{
    /// <summary>A server that has missed so many check-ins is offline.</summary>
    public const int MissedCheckins = 3;

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

    /// <summary>SHA-256 of the key that the next check-in has to bring; null where it brings none.</summary>
    public string? CheckinKeyHash { get; set; }

    /// <summary>SHA-256 of the key before that, which was the last to be used.</summary>
    public string? UsedKeyHash { get; set; }

    /// <summary>What makes, of the used key, the one that followed it.</summary>
    public string? CheckinSalt { get; set; }

    /// <summary>SHA-256 of what the check-in with the used key brought to be known by; null where it brought nothing.</summary>
    public string? CheckinNonceHash { get; set; }

    /// <summary>When an older key came: there are two of this server, and both wait for an administrator.</summary>
    public DateTime? CloneSuspectedAt { get; set; }

    /// <summary>When an administrator let the right one register anew; null again once it has checked in.</summary>
    public DateTime? RekeyAllowedAt { get; set; }

    /// <summary>When one of two registered anew: an administrator may take that back, for it may have been the wrong one.</summary>
    public DateTime? RekeyedAt { get; set; }

    /// <summary>How many tokens it was given.</summary>
    public int Registrations { get; set; }
    public int Version { get; set; }

    /// <summary>Whether it has checked in within the last three intervals.</summary>
    public bool IsOnline(InstallLifecycleOptions options, DateTime now) =>
        (LastCheckinAt ?? RegisteredAt) is var seen && seen > now - MissedCheckins * options.CheckinInterval
            && !StoredTime.IsAhead(seen, now);
}
