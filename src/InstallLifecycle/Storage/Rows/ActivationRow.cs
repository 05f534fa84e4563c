namespace InstallLifecycle.Storage.Rows;

/// <summary>An install under way or done: activated → confirmed; activated → released, expired, revoked.</summary>
internal sealed class ActivationRow
{
    public const string Activated = "activated", Confirmed = "confirmed", Released = "released", Expired = "expired", Revoked = "revoked";

    private const string IdPrefix = "act_";
    private const int IdDigits = 16;

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

    /// <summary>Whether the machine has proved the host key that it named.</summary>
    public bool HostKeyProven { get; set; }

    /// <summary>What the installer says why it gave the code back.</summary>
    public string? ReleaseReason { get; set; }

    /// <summary>What was given out when it was confirmed.</summary>
    public string? Receipt { get; set; }

    /// <summary>How often the answer was given again.</summary>
    public int Repeats { get; set; }
    public int Version { get; set; }

    /// <summary>Whether <paramref name="text"/> has the form of an activation's id.</summary>
    public static bool IsId(string text) => text.Length == IdPrefix.Length + IdDigits
        && text.StartsWith(IdPrefix, StringComparison.Ordinal) && text.Skip(IdPrefix.Length).All(char.IsAsciiHexDigitLower);

    public static string CreateId() => IdPrefix + RandomNumberGenerator.GetHexString(IdDigits, lowercase: true);

    /// <summary>Whether its time is over; one that began ahead of now would have too much of it.</summary>
    public bool HasRunOut(DateTime now) => ExpiresAt <= now || StoredTime.IsAhead(ActivatedAt, now);

    /// <summary>Comes to a status that it stays in.</summary>
    public void MoveTo(string status, DateTime now) => (Status, EndedAt) = (status, now);
}
