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

    /// <summary>As the migration made it, for ever: the client of a session that was revoked is told, if it registered an address for
    /// that; whether it still has one is looked at when it is sent.</summary>
    public const string TellLogouts = """
        CREATE TRIGGER "LogoutTold" AFTER UPDATE OF "Status" ON "OpenIddictAuthorizations"
        WHEN NEW."Status" IS NOT 'valid' AND OLD."Status"='valid' AND NEW."ConcurrencyToken" IS NOT 'noted'
        BEGIN
            INSERT INTO "LogoutDeliveries" ("ApplicationId", "SessionId", "Subject", "CreatedAt", "NextAttemptAt", "Attempts")
            SELECT NEW."ApplicationId", NEW."Id", NEW."Subject", strftime('%Y-%m-%d %H:%M:%f', 'now'),
                strftime('%Y-%m-%d %H:%M:%f', 'now'), 0
            FROM "OpenIddictApplications"
            WHERE "Id"=NEW."ApplicationId" AND "Settings" LIKE '%"backchannel_logout_uri"%' AND NEW."Subject" IS NOT NULL;
        END;
        """;

    /// <summary>As the migration made them, for ever: what ends a client's tokens without naming them, and what is not said any more of
    /// whom tokens are for, which those that are out still say.</summary>
    public static readonly string NoteClientsAndAudiences = string.Join('\n', [
        ClientRow("ClientEnded", "UPDATE OF \"Properties\"", "WHEN NEW.\"Properties\" IS NOT OLD.\"Properties\"", "NEW"),
        ClientRow("ClientGone", "DELETE", "", "OLD"),
        ClientRow("ClientBack", "INSERT",
            "WHEN EXISTS (SELECT 1 FROM \"Revocations\" WHERE \"Kind\"=2 AND \"ClientId\"=NEW.\"ClientId\")", "NEW"),
        .. Former("OpenIddictScopes", "Resources"), .. Former("OpenIddictApplications", "Permissions")]);

    private static string ClientRow(string name, string change, string when, string row) => $"""
        CREATE TRIGGER "{name}" AFTER {change} ON "OpenIddictApplications" {when}
        BEGIN
            INSERT INTO "Revocations" ("DeadId", "ExpiresAt", "Kind", "ClientId", "Audiences")
            VALUES ({row}."Id", strftime('%Y-%m-%d %H:%M:%f', 'now', '+7 days'), 2, {row}."ClientId", {row}."Permissions");
        END;
        """;

    private static IEnumerable<string> Former(string table, string column) =>
        ((string[])[$"UPDATE OF \"{column}\"", "DELETE"]).Select((change, i) => $"""
        CREATE TRIGGER "{table}_Former{i}" AFTER {change} ON "{table}"
        WHEN OLD."{column}" IS NOT NULL{(i == 0 ? $" AND OLD.\"{column}\" IS NOT NEW.\"{column}\"" : "")}
        BEGIN
            INSERT INTO "FormerAudiences" ("Listed", "Until") VALUES (OLD."{column}", strftime('%Y-%m-%d %H:%M:%f', 'now', '+7 days'));
        END;
        """);

    private static IEnumerable<string> OnEachChange(
        string table, string name) => ((string[])["INSERT", "UPDATE", "DELETE"]).Select(change => $"""
        CREATE TRIGGER "{table}_{change}" AFTER {change} ON "{table}"
        BEGIN
            INSERT INTO "Versions" ("Name", "Number") VALUES ('{name}', 1) ON CONFLICT ("Name") DO UPDATE SET "Number"="Number"+1;
        END;
        """);
}
