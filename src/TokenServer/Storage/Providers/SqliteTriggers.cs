namespace TokenServer.Storage.Providers;

/// <summary>Tell this server's processes what an application of somebody else's changed in OpenIddict's tables, on SQLite.</summary>
internal static class SqliteTriggers
{
    /// <summary>As the migration made them, for ever: a session's revocation is kept as long as an access token may live.</summary>
    public static readonly string Create = string.Join('\n', [
        """
        CREATE TRIGGER "SessionRevoked" AFTER UPDATE OF "Status" ON "OpenIddictAuthorizations"
        WHEN NEW."Status" IS NOT 'valid' AND OLD."Status"='valid' AND NEW."ConcurrencyToken" IS NOT 'noted'
        BEGIN
            INSERT INTO "Revocations" ("DeadId", "ExpiresAt") VALUES (NEW."Id", strftime('%Y-%m-%d %H:%M:%f', 'now', '+7 days'));
        END;
        """,
        .. OnEachChange("OpenIddictApplications", "clients"), .. OnEachChange("OpenIddictScopes", "scopes")]);

    private static IEnumerable<string> OnEachChange(
        string table, string name) => ((string[])["INSERT", "UPDATE", "DELETE"]).Select(change => $"""
        CREATE TRIGGER "{table}_{change}" AFTER {change} ON "{table}"
        BEGIN
            INSERT INTO "Versions" ("Name", "Number") VALUES ('{name}', 1) ON CONFLICT ("Name") DO UPDATE SET "Number"="Number"+1;
        END;
        """);
}
