namespace InstallLifecycle.Storage.Rows;

/// <summary>An install code: issued → prechecked → activated → confirmed; any unconfirmed → expired, revoked.</summary>
internal sealed class CodeRow
{
    public const string Issued = "issued", Prechecked = "prechecked", Activated = "activated",
        Confirmed = "confirmed", Expired = "expired", Revoked = "revoked";

    public long Id { get; set; }

    /// <summary>The code's HMAC.</summary>
    public required string Hash { get; set; }
    public required string Hint { get; set; }
    public required string Status { get; set; }
    public DateTime IssuedAt { get; set; }

    /// <summary>When it can no longer be used; while it is activated its activation says that.</summary>
    public DateTime ExpiresAt { get; set; }

    /// <summary>When it came to the status that it stays in.</summary>
    public DateTime? EndedAt { get; set; }

    public required string AddressKey { get; set; }
    public required string Session { get; set; }
    public required string Fingerprint { get; set; }

    /// <summary>The machine it is bound to; null while it is issued.</summary>
    public string? MachineId { get; set; }
    public string? SshFingerprint { get; set; }

    /// <summary>How often it was set free; precheck tokens of an earlier binding are dead.</summary>
    public int Binding { get; set; }

    /// <summary>Grows with each change that is saved: what was read is changed only if nobody else has.</summary>
    public int Version { get; set; }

    /// <summary>Whether its time is over; one that was issued ahead of now would have too much of it.</summary>
    public bool HasRunOut(DateTime now) => ExpiresAt <= now || StoredTime.IsAhead(IssuedAt, now);

    /// <summary>Comes to a status that it stays in.</summary>
    public void MoveTo(string status, DateTime now) => (Status, EndedAt) = (status, now);

    /// <summary>Issued again, to no machine, until <paramref name="expiresAt"/>.</summary>
    public void SetFree(DateTime expiresAt) =>
        (Status, MachineId, SshFingerprint, Binding, ExpiresAt) = (Issued, null, null, Binding + 1, expiresAt);
}
