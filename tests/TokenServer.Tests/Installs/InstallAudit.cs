using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Installs;

/// <summary>An audit entry of an install; the actor is told with the OAuth client that it came through, if it did.</summary>
internal sealed record InstallAudit(string Event, string? Actor, string? Target, string? Address, string? Detail)
{
    /// <summary>The entries of installs and their servers so far, in their order.</summary>
    public static List<InstallAudit> Of(TestServer server) => server.Get<Database>().Read(s => s.All("""
        SELECT "Event", CASE WHEN "ClientId" IS NULL THEN "Actor" ELSE coalesce("Actor", '') || 'client ' || "ClientId" END, "Target", "Address", "Detail" FROM "Audit"
        WHERE "Event" LIKE 'install_code.%' OR "Event" LIKE 'install.%' OR "Event" LIKE 'activation.%' OR "Event" LIKE 'server.%' ORDER BY "Id"
        """, row => new InstallAudit(row.GetString(0), Text(row, 1), Text(row, 2), Text(row, 3), Text(row, 4))));

    private static string? Text(System.Data.Common.DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
