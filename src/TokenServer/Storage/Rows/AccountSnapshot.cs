namespace TokenServer.Storage.Rows;

/// <summary>An account as it was when it was read.</summary>
internal sealed record AccountSnapshot(int Id, string UserName, string? Email,
    string? Name, string Role, string? PasswordHash, string? SecurityStamp)
{
    public bool HasSecondFactor { get; init; }
    public DateTime? DisabledAt { get; init; }
    public DateTime CreatedAt { get; init; }
    public DateTime? LastLogin { get; init; }
    public bool EmailConfirmed { get; init; }

    /// <summary>As they are stored, UTC; what they mean now is for the accounts' locks to say.</summary>
    public DateTime? PasswordsLockedUntil { get; init; }
    public DateTime? CodesLockedUntil { get; init; }

    /// <summary>Another one whenever something that an administrator may change is another.</summary>
    public string Version =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{UserName}\n{Email}\n{Name}\n{Role}\n{DisabledAt:O}")))[..16];
    public string Subject => Id.ToString(CultureInfo.InvariantCulture);

    public const string Columns = """
        "Id", "UserName", "Email", "Name", "Role", "PasswordHash", "SecurityStamp", "TwoFactorEnabled",
        "DisabledAt", "CreatedAt", "LastLogin", "EmailConfirmed", "LockoutEnd", "TwoFactorLockoutEnd"
        """;

    public static AccountSnapshot Read(DbDataReader r) =>
        new(r.GetInt32(0), r.GetString(1), Row.TextOrNull(r, 2), Row.TextOrNull(r, 3),
            r.GetString(4), Row.TextOrNull(r, 5), Row.TextOrNull(r, 6))
        {
            HasSecondFactor = r.GetBoolean(7), DisabledAt = Row.TimeOrNull(r, 8),
            CreatedAt = Row.Time(r, 9), LastLogin = Row.TimeOrNull(r, 10), EmailConfirmed = r.GetBoolean(11),
            PasswordsLockedUntil = r.IsDBNull(12) ? null : r.GetFieldValue<DateTimeOffset>(12).UtcDateTime,
            CodesLockedUntil = Row.TimeOrNull(r, 13),
        };
}
