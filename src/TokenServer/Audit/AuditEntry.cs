using TokenServer.Storage;

namespace TokenServer.Audit;

/// <summary>An audit entry as it is kept: its number, what it says, and its place in the chain.</summary>
/// <param name="Id">Its number; they grow.</param>
/// <param name="Said">What it says.</param>
/// <param name="Previous">The hash of the entry before; null for entries from before there was a chain.</param>
/// <param name="Hash">SHA-256 over the one before and this entry, base64url.</param>
internal sealed record AuditEntry(long Id, AuditEvent Said, string? Previous, string? Hash)
{
    public const string Columns = """ "Id", "Time", "Event", "Actor", "Target", "ClientId", "Address", "Detail", "Previous", "Hash" """;

    public static AuditEntry Read(DbDataReader r) => new(r.GetInt64(0), new AuditEvent(r.GetString(2), Row.Time(r, 1))
    {
        Actor = Row.TextOrNull(r, 3), Target = Row.TextOrNull(r, 4), ClientId = Row.TextOrNull(r, 5),
        Address = Row.TextOrNull(r, 6), Detail = Row.TextOrNull(r, 7),
    }, Row.TextOrNull(r, 8), Row.TextOrNull(r, 9));

    /// <summary>The hash of an entry: SHA-256 over the previous hash's text, a line feed, and the JSON array of number, time, event, actor,
    /// target, client, address and detail, as an export shows them. Anybody can compute it.</summary>
    public static string HashOf(string previous, long id, AuditEvent said)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        buffer.Write(Encoding.ASCII.GetBytes(previous));
        buffer.Write("\n"u8);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            json.WriteNumberValue(id);
            json.WriteStringValue(Text(said.Time));
            foreach (string? text in (ReadOnlySpan<string?>)[said.Event, said.Actor, said.Target, said.ClientId, said.Address, said.Detail])
                json.WriteStringValue(text);
            json.WriteEndArray();
        }
        return Base64Url.EncodeToString(SHA256.HashData(buffer.WrittenSpan));
    }

    /// <summary>A time as the hash has it: UTC, to the millisecond.</summary>
    public static string Text(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
