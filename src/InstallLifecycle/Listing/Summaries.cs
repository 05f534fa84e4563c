namespace InstallLifecycle.Listing;

/// <summary>A code as an administrator sees it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Hint">Its first and last characters.</param>
/// <param name="Status"><c>issued</c>, <c>prechecked</c>, <c>activated</c>, <c>confirmed</c>,
/// <c>expired</c> or <c>revoked</c>, as it is now.</param>
/// <param name="IssuedAt">When it was issued.</param>
/// <param name="ExpiresAt">Until when it may be, or might have been, used.</param>
/// <param name="Address">The address, or IPv6 network, that it was issued to.</param>
/// <param name="MachineId">The machine it is bound to, if it is.</param>
public sealed record CodeSummary(long Id, string Hint, string Status,
    DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, string Address, string? MachineId)
{
    /// <summary>The host that used it, if one did.</summary>
    public string? Hostname { get; init; }
}

/// <summary>An activation as an administrator sees it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="ActivationId"><c>act_</c> and 16 hex digits.</param>
/// <param name="CodeId">The number of its code.</param>
/// <param name="Status"><c>activated</c>, <c>confirmed</c>, <c>released</c>, <c>expired</c> or <c>revoked</c>, as it is now.</param>
/// <param name="Hostname">The host name.</param>
/// <param name="PublicIp">The address.</param>
/// <param name="MachineId">The machine.</param>
/// <param name="RequestedRef">The git ref asked for.</param>
/// <param name="InstallerVersion">The installer's version.</param>
/// <param name="ActivatedAt">When it began.</param>
/// <param name="EndedAt">When it was confirmed or ended.</param>
/// <param name="ServerId">Its server, if one registered.</param>
/// <param name="HostKeyProven">Whether the machine has proved its host key.</param>
/// <param name="ReleaseReason">Why it was released, if that was said.</param>
/// <param name="HasReceipt">Whether there is a receipt of it.</param>
public sealed record ActivationSummary(
    long Id, string ActivationId, long CodeId, string Status, string Hostname,
    string PublicIp, string MachineId, string RequestedRef, string InstallerVersion,
    DateTimeOffset ActivatedAt, DateTimeOffset? EndedAt, string? ServerId, bool HostKeyProven, string? ReleaseReason, bool HasReceipt);

/// <summary>A server as an administrator sees it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="ServerId"><c>srv_</c> and 16 hex digits.</param>
/// <param name="ActivationId">The activation that put it up.</param>
/// <param name="Status"><c>active</c>, <c>clone_suspected</c> or <c>revoked</c>.</param>
/// <param name="IsOnline">Whether it has checked in within three intervals.</param>
/// <param name="Hostname">The host name.</param>
/// <param name="PublicIp">The address.</param>
/// <param name="AgentVersion">The agent's version.</param>
/// <param name="RegisteredAt">When it registered.</param>
/// <param name="LastCheckinAt">When it last checked in.</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="HostKeyProven">Whether its machine has proved its host key.</param>
/// <param name="HasRatchet">Whether each check-in brings a key of its own.</param>
/// <param name="CloneSuspectedAt">When it showed that there are two of it; null where that is settled.</param>
/// <param name="RekeyAllowedAt">When an administrator let the right one register anew; null once it has checked in.</param>
/// <param name="RekeyedAt">When one of two registered anew.</param>
public sealed record ServerSummary(
    long Id, string ServerId, string? ActivationId, string Status, bool IsOnline, string Hostname, string PublicIp, string AgentVersion,
    DateTimeOffset RegisteredAt, DateTimeOffset? LastCheckinAt, DateTimeOffset? RevokedAt,
    bool HostKeyProven, bool HasRatchet, DateTimeOffset? CloneSuspectedAt, DateTimeOffset? RekeyAllowedAt, DateTimeOffset? RekeyedAt);

/// <summary>Which of a list; null is any.</summary>
/// <param name="Status">A status, as the list shows it.</param>
/// <param name="Before">Only with smaller numbers than this.</param>
/// <param name="Limit">At most so many.</param>
public sealed record ListRequest(string? Status, long? Before, int Limit)
{
    /// <summary>Only with greater numbers than this.</summary>
    public long? After { get; init; }

    /// <summary>Whether the oldest come first; else the newest.</summary>
    public bool IsAscending { get; init; }

    /// <summary>The pattern, of <c>LIKE</c> with <c>\</c> before what is no wildcard and in capitals, that a host name, an address, a
    /// machine, an id or a hint must have.</summary>
    public string? Pattern { get; init; }
}

/// <summary>What the audit trail names that belongs to a host.</summary>
/// <param name="Names">Ids of servers and activations.</param>
/// <param name="Codes">Numbers of codes.</param>
public sealed record FoundHosts(IReadOnlyList<string> Names, IReadOnlyList<string> Codes);

/// <summary>How many there are.</summary>
/// <param name="Online">Servers that have checked in within three intervals.</param>
/// <param name="Offline">Servers that have not, and are not revoked.</param>
/// <param name="Today">Activations since midnight, UTC.</param>
/// <param name="Unconfirmed">Codes that may still become a server.</param>
/// <param name="CloneSuspected">Servers that showed that there are two of them.</param>
public sealed record InstallFigures(int Online, int Offline, int Today, int Unconfirmed, int CloneSuspected);

/// <summary>Why installs were given up.</summary>
/// <param name="Reason">What their installers said.</param>
/// <param name="Count">How often.</param>
public sealed record ReleaseReason(string Reason, int Count);
