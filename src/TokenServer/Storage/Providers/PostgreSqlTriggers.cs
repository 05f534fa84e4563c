namespace TokenServer.Storage.Providers;

/// <summary>Tell this server's processes what an application of somebody else's changed in OpenIddict's tables, on PostgreSQL.</summary>
internal static class PostgreSqlTriggers
{
    /// <summary>As the migration made them, for ever. A revocation waits for the lock of the writers that are alone: its number is in the
    /// order of the commits.</summary>
    public const string Create = """
        CREATE FUNCTION "NoteRevokedSession"() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(7318094650230921);
            INSERT INTO "Revocations" ("DeadId", "ExpiresAt") VALUES (NEW."Id", clock_timestamp() + interval '7 days');
            PERFORM pg_notify('token_server', '');
            RETURN NULL;
        END $$;
        CREATE TRIGGER "SessionRevoked" AFTER UPDATE OF "Status" ON "OpenIddictAuthorizations" FOR EACH ROW
        WHEN (NEW."Status" IS DISTINCT FROM 'valid' AND OLD."Status"='valid' AND NEW."ConcurrencyToken" IS DISTINCT FROM 'noted')
        EXECUTE FUNCTION "NoteRevokedSession"();
        CREATE FUNCTION "CountChange"() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO "Versions" ("Name", "Number") VALUES (TG_ARGV[0], 1)
            ON CONFLICT ("Name") DO UPDATE SET "Number"="Versions"."Number"+1;
            PERFORM pg_notify('token_server', '');
            RETURN NULL;
        END $$;
        CREATE TRIGGER "ClientsChanged" AFTER INSERT OR UPDATE OR DELETE ON "OpenIddictApplications" FOR EACH STATEMENT
        EXECUTE FUNCTION "CountChange"('clients');
        CREATE TRIGGER "ScopesChanged" AFTER INSERT OR UPDATE OR DELETE ON "OpenIddictScopes" FOR EACH STATEMENT
        EXECUTE FUNCTION "CountChange"('scopes');
        """;
}
