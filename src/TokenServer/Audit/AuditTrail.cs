using TokenServer.Storage;

namespace TokenServer.Audit;

/// <summary>Appends audit entries, inside the transaction of what they tell of,
/// each chained to the one before (docs/decisions/0011).</summary>
internal static class AuditTrail
{
    private const string InsertSql = $"""
        INSERT INTO "Audit" ({AuditEntry.Columns}) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9)
        """;

    public static void Append(Statements statements, AuditEvent entry)
    {
        var (last, previous) =
            statements.First("""SELECT "LastId", "LastHash" FROM "AuditHeads" """, r => Tuple.Create(r.GetInt64(0), r.GetString(1)))!;
        // No database keeps more than the millisecond alike, and the hash must come out the same when it is read again.
        var said = entry with { Time = new DateTime(entry.Time.Ticks - entry.Time.Ticks % TimeSpan.TicksPerMillisecond, DateTimeKind.Utc) };
        string hash = AuditEntry.HashOf(previous, last + 1, said);
        statements.Execute(InsertSql, last + 1, said.Time, said.Event, said.Actor,
            said.Target, said.ClientId, said.Address, said.Detail, previous, hash);
        if (statements.Execute("""UPDATE "AuditHeads" SET "LastId"=@p1, "LastHash"=@p2 WHERE "LastId"=@p0""", last, last + 1, hash) != 1)
            throw new StorageUnavailableException("another process appended to the audit trail at the same moment");
    }
}
