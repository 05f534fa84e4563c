using TokenServer.Storage;

namespace TokenServer.Audit;

/// <summary>Appends audit entries, inside the transaction of what they tell of.</summary>
internal static class AuditTrail
{
    public static void Append(Statements statements, AuditEvent entry) => statements.Execute(
        """INSERT INTO "Audit" ("Time", "Event", "Actor", "Target", "ClientId", "Address", "Detail") VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6)""",
        entry.Time, entry.Event, entry.Actor, entry.Target, entry.ClientId, entry.Address, entry.Detail);
}
