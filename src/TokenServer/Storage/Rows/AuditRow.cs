namespace TokenServer.Storage.Rows;

/// <summary>One audit entry: what happened, who did it, to which thing, from where, when.</summary>
internal sealed class AuditRow
{
    /// <summary>What the indexes of refusals are filtered by; another text needs a migration.</summary>
    public const string IsRefusal = "\"Event\" IN ('sign_in.failed', 'sign_in.refused', 'second_factor.failed', "
        + "'client_authentication.failed', 'grant.refused', 'pin.failed', 'refresh_token.reused', 'code.reused', 'install.refused')";

    public long Id { get; set; }
    public DateTime Time { get; set; }
    public required string Event { get; set; }
    public string? Actor { get; set; }
    public string? Target { get; set; }
    public string? ClientId { get; set; }
    public string? Address { get; set; }
    public string? Detail { get; set; }

    /// <summary>The hash of the entry before; null for entries from before there was a chain.</summary>
    public string? Previous { get; set; }

    /// <summary>SHA-256 over the one before and this entry, base64url.</summary>
    public string? Hash { get; set; }
}
