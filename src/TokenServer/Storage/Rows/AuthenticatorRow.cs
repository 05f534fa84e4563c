namespace TokenServer.Storage.Rows;

/// <summary>An authenticator app of an account: a TOTP secret under Data Protection.</summary>
internal sealed class AuthenticatorRow
{
    public long Id { get; set; }
    public int AccountId { get; set; }
    public required string Name { get; set; }
    public required string Secret { get; set; }

    /// <summary>Whether its owner has shown a code of it: until then it opens nothing. An account has one at most that waits for
    /// that.</summary>
    public bool IsProven { get; set; }

    /// <summary>The time step of the last code that was accepted: no code of it or of an earlier one is accepted again.</summary>
    public long LastStep { get; set; }

    /// <summary>Null: before this was kept.</summary>
    public DateTime? CreatedAt { get; set; }
    public DateTime? LastUsedAt { get; set; }
}
