namespace InstallLifecycle.Storage.Rows;

/// <summary>An install under way or done: activated → confirmed; activated → released, expired, revoked.</summary>
internal sealed class ActivationRow
{
    public const string Activated = "activated", Confirmed = "confirmed", Released = "released", Expired = "expired", Revoked = "revoked";

    public long Id { get; set; }

    /// <summary><c>act_</c> and 16 hex digits.</summary>
    public required string ActivationId { get; set; }
    public long CodeId { get; set; }
    public required string Status { get; set; }
    public required string MachineId { get; set; }
    public required string SshFingerprint { get; set; }
    public required string Hostname { get; set; }
    public required string PublicIp { get; set; }
    public required string RequestedRef { get; set; }
    public required string InstallerVersion { get; set; }
    public DateTime ActivatedAt { get; set; }

    /// <summary>The end of its last install token.</summary>
    public DateTime ExpiresAt { get; set; }
    public DateTime? EndedAt { get; set; }

    /// <summary>The OAuth client that activated; null for the install API.</summary>
    public string? ClientId { get; set; }

    /// <summary>How often the answer was given again.</summary>
    public int Repeats { get; set; }
    public int Version { get; set; }

    /// <summary>Whether its time is over; one that began ahead of now would have too much of it.</summary>
    public bool HasRunOut(DateTime now) => ExpiresAt <= now || StoredTime.IsAhead(ActivatedAt, now);

    /// <summary>Comes to a status that it stays in.</summary>
    public void MoveTo(string status, DateTime now) => (Status, EndedAt, Version) = (status, now, Version + 1);
}
