using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tokens;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Sessions.Devices;

/// <summary>A device that asks to be signed in, as its row says: an entry of OpenIddict's device codes, found by the id in the device code
/// and, while a person may decide, by the hash of the user code (<c>ReferenceId</c>).</summary>
internal sealed record StoredDeviceCode
{
    public const string Type = TokenTypeIdentifiers.Private.DeviceCode;

    /// <summary>OpenIddict's words: nobody has decided yet; a person has denied. Allowed is <see cref="StoredTokens.Valid"/>.</summary>
    public const string Waiting = Statuses.Inactive, Denied = Statuses.Rejected;

    private const string SelectSql = """
        SELECT "Id", "ApplicationId", "CreationDate", "ExpirationDate", "Payload", "Properties", "Status", "Subject"
        FROM "OpenIddictTokens"
        """;
    private const string ById = $"""{SelectSql} WHERE "Id"=@p0 AND "Type"=@p1""",
        ByUserCode = $"""{SelectSql} WHERE "ReferenceId"=@p0 AND "Type"=@p1""";

    public required long Id { get; init; }

    /// <summary>The row of the client that asked.</summary>
    public required long ApplicationId { get; init; }
    public required DateTime CreatedAt { get; init; }
    public required DateTime ExpiresAt { get; init; }
    public required string? Hash { get; init; }
    public required string Status { get; init; }

    /// <summary>The account that decided; null before.</summary>
    public required string? Subject { get; init; }

    /// <summary>What was asked for, and what was decided by whom.</summary>
    public required DeviceProperties Properties { get; init; }

    /// <summary>Whether it may be decided upon, and what was decided used; no stamp of a clock that was ahead holds.</summary>
    public bool IsCurrent(DateTime now) => ExpiresAt > now && !StoredTime.IsAhead(CreatedAt, now);

    /// <summary>The row of <paramref name="token"/>, if the secret is its own.</summary>
    public static StoredDeviceCode? Find(Statements s, ReferenceToken token) =>
        s.First(ById, Read, token.Id, Type) is { } row && token.Matches(row.Hash) ? row : null;

    /// <summary>The row of a user code, whatever became of it.</summary>
    /// <param name="s">The caller's.</param>
    /// <param name="hashes">What may be stored of the code.</param>
    public static StoredDeviceCode? Find(Statements s, IEnumerable<string> hashes) =>
        hashes.Select(hash => s.First(ByUserCode, Read, hash, Type)).FirstOrDefault(row => row is not null);

    private static StoredDeviceCode Read(DbDataReader r) => new()
    {
        Id = r.GetInt64(0), ApplicationId = r.GetInt64(1), CreatedAt = Row.Time(r, 2), ExpiresAt = Row.Time(r, 3),
        Hash = Row.TextOrNull(r, 4), Properties = DeviceProperties.Of(Row.TextOrNull(r, 5)), Status = r.GetString(6),
        Subject = Row.TextOrNull(r, 7),
    };
}

/// <summary>What a device code's row has in OpenIddict's <c>Properties</c>.</summary>
internal sealed class DeviceProperties
{
    private const string ScopeName = "scope", DeviceKey = "device_name", AddressName = "address", IntervalName = "interval",
        MethodsName = "amr", AuthTimeName = "auth_time", StampName = "stamp";
    private readonly Dictionary<string, string> texts;

    private DeviceProperties(Dictionary<string, string> texts) => this.texts = texts;

    /// <summary>Those of a device that asks.</summary>
    public DeviceProperties(ScopeSet scopes, string? deviceName, string? address) : this([])
    {
        texts[ScopeName] = scopes.ToString();
        if (deviceName is not null) texts[DeviceKey] = deviceName;
        if (address is not null) texts[AddressName] = address;
    }

    public ScopeSet Scopes => ScopeSet.Parse(texts.GetValueOrDefault(ScopeName));
    public string? DeviceName => texts.GetValueOrDefault(DeviceKey);

    /// <summary>From where the device asked, if that is known.</summary>
    public string? Address => texts.GetValueOrDefault(AddressName);

    /// <summary>How the account that allowed it had signed in (<c>amr</c>), when, and its security stamp then.</summary>
    public string[] Methods => texts.GetValueOrDefault(MethodsName, "").Split(' ');
    public DateTime AuthTime => new(long.Parse(texts[AuthTimeName], CultureInfo.InvariantCulture), DateTimeKind.Utc);
    public string? SecurityStamp => texts.GetValueOrDefault(StampName);

    /// <summary>How long the device has to wait between two polls.</summary>
    public TimeSpan Interval => texts.TryGetValue(IntervalName, out string? seconds)
        ? TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)) : DevicePolls.FirstInterval;

    public static DeviceProperties Of(string? json) => new(ClientColumns.ReadTexts(json));

    /// <summary>The same with another interval.</summary>
    public DeviceProperties With(TimeSpan interval) => new(new(texts)
        { [IntervalName] = ((int)interval.TotalSeconds).ToString(CultureInfo.InvariantCulture) });

    /// <summary>The same with the sign-in behind the decision.</summary>
    public DeviceProperties With(string[] methods, DateTime authTime, string? securityStamp) => new(new(texts)
    {
        [MethodsName] = string.Join(' ', methods), [StampName] = securityStamp ?? "",
        [AuthTimeName] = authTime.Ticks.ToString(CultureInfo.InvariantCulture),
    });

    public string ToJson() => ClientColumns.Write(texts);
}
