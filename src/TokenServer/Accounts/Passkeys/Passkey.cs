using TokenServer.Storage;

namespace TokenServer.Accounts.Passkeys;

/// <summary>A passkey of an account: a credential record of WebAuthn section 4.</summary>
/// <param name="Id">Ours, in the order of time.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="CredentialId">The authenticator's id for it.</param>
/// <param name="PublicKey">Its public key, as COSE has it.</param>
/// <param name="Name">What its owner calls it.</param>
internal sealed record Passkey(long Id, int AccountId, byte[] CredentialId, byte[] PublicKey, string Name)
{
    /// <summary>Whether it may be on several devices, kept in step by a provider (backup eligible); that never changes.</summary>
    public bool IsSynced { get; init; }

    /// <summary>How browsers reach its authenticator (<c>usb</c>, <c>internal</c>, …), as a hint to them.</summary>
    public string[] Transports { get; init; } = [];
    public DateTime CreatedAt { get; init; }
    public DateTime? LastUsed { get; init; }

    /// <summary>The id as it is shown.</summary>
    public string PublicId => TimeOrderedId.ToText(Id);

    public const string Columns =
        """ "Id", "AccountId", "CredentialId", "PublicKey", "Name", "IsSynced", "Transports", "CreatedAt", "LastUsedAt" """;

    public static Passkey Read(DbDataReader r) => new(r.GetInt64(0), r.GetInt32(1),
        Base64Url.DecodeFromChars(r.GetString(2)), Base64Url.DecodeFromChars(r.GetString(3)), r.GetString(4))
    {
        IsSynced = r.GetBoolean(5), Transports = r.GetString(6).Split(' ', StringSplitOptions.RemoveEmptyEntries),
        CreatedAt = Row.Time(r, 7), LastUsed = Row.TimeOrNull(r, 8),
    };
}
