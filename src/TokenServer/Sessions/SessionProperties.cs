using System.Globalization;
using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.Sessions;

/// <summary>What a session's row says of the sign-in behind it, in OpenIddict's <c>Properties</c>.</summary>
/// <param name="Methods">How, in the words of RFC 8176 (<c>amr</c>).</param>
/// <param name="Address">From where, if that is known.</param>
/// <param name="AuthTime">When, UTC, to the second; null where that is when the session began.</param>
internal sealed record SessionProperties(string[] Methods, string? Address, DateTime? AuthTime)
{
    private const string MethodsName = "amr", AddressName = "address", AuthTimeName = "auth_time", DeviceKey = "device_name",
        ThumbprintName = "jkt", PasskeyKey = "passkey", BrowserKey = "browser";

    private const string FindSql = """SELECT "Properties" FROM "OpenIddictAuthorizations" WHERE "Id"=@p0""",
        ChangeSql = """UPDATE "OpenIddictAuthorizations" SET "Properties"=@p1 WHERE "Id"=@p0""";

    /// <summary>What the session is known by to its account.</summary>
    public SessionMarks Marks { get; init; } = SessionMarks.None;

    /// <summary>The key that the session's refresh tokens are bound to.</summary>
    public string? KeyThumbprint { get; init; }

    public static SessionProperties Of(string? json)
    {
        var texts = ClientColumns.ReadTexts(json);
        DateTime? authTime = long.TryParse(texts.GetValueOrDefault(AuthTimeName), NumberStyles.None, CultureInfo.InvariantCulture,
            out long seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime : null;
        return new(texts.GetValueOrDefault(MethodsName, "").Split(' '), texts.GetValueOrDefault(AddressName), authTime)
        {
            Marks = new()
            {
                DeviceName = texts.GetValueOrDefault(DeviceKey), PasskeyId = TimeOrderedId.Parse(texts.GetValueOrDefault(PasskeyKey)),
                Browser = texts.GetValueOrDefault(BrowserKey),
            },
            KeyThumbprint = texts.GetValueOrDefault(ThumbprintName),
        };
    }

    /// <summary>The device's name alone, whatever else another application has written there.</summary>
    public static string? DeviceNameOf(string? json) =>
        StoredJson.ReadValues(json).TryGetValue(DeviceKey, out var name) && name.ValueKind == JsonValueKind.String
            ? name.GetString() : null;

    /// <summary>Binds the refresh tokens of a session to a key, in the caller's transaction; false where there is no such
    /// session.</summary>
    public static bool Bind(Statements s, long sessionId, string keyThumbprint)
    {
        var texts = ClientColumns.ReadTexts(s.First(FindSql, r => Row.TextOrNull(r, 0), sessionId));
        texts[ThumbprintName] = keyThumbprint;
        return s.Execute(ChangeSql, sessionId, ClientColumns.Write(texts)) == 1;
    }

    public string ToJson()
    {
        var texts = new Dictionary<string, string> { [MethodsName] = string.Join(' ', Methods) };
        if (Address is not null) texts[AddressName] = Address;
        if (AuthTime is { } time)
            texts[AuthTimeName] = new DateTimeOffset(time).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        if (KeyThumbprint is not null) texts[ThumbprintName] = KeyThumbprint;
        if (Marks.DeviceName is { } device) texts[DeviceKey] = device;
        if (Marks.PasskeyId is { } passkey) texts[PasskeyKey] = TimeOrderedId.ToText(passkey);
        if (Marks.Browser is { } browser) texts[BrowserKey] = browser;
        return ClientColumns.Write(texts);
    }
}
