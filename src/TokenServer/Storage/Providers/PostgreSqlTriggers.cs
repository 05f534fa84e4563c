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

    /// <summary>As the migration made it, for ever: the client of a session that was revoked is told, if it registered an address for
    /// that; whether it still has one is looked at when it is sent.</summary>
    public const string TellLogouts = """
        CREATE FUNCTION "TellLogout"() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO "LogoutDeliveries" ("ApplicationId", "SessionId", "Subject", "CreatedAt", "NextAttemptAt", "Attempts")
            SELECT NEW."ApplicationId", NEW."Id", NEW."Subject", clock_timestamp(), clock_timestamp(), 0
            FROM "OpenIddictApplications"
            WHERE "Id"=NEW."ApplicationId" AND "Settings" LIKE '%"backchannel_logout_uri"%' AND NEW."Subject" IS NOT NULL;
            RETURN NULL;
        END $$;
        CREATE TRIGGER "LogoutTold" AFTER UPDATE OF "Status" ON "OpenIddictAuthorizations" FOR EACH ROW
        WHEN (NEW."Status" IS DISTINCT FROM 'valid' AND OLD."Status"='valid' AND NEW."ConcurrencyToken" IS DISTINCT FROM 'noted')
        EXECUTE FUNCTION "TellLogout"();
        """;

    /// <summary>As the migration made them, for ever: what ends a client's tokens without naming them, and what is not said any more of
    /// whom tokens are for, which those that are out still say. A client's row waits as a session's does.</summary>
    public const string NoteClientsAndAudiences = """
        CREATE FUNCTION "NoteClient"() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE it "OpenIddictApplications"%ROWTYPE;
        BEGIN
            IF TG_OP = 'DELETE' THEN it := OLD; ELSE it := NEW; END IF;
            PERFORM pg_advisory_xact_lock(7318094650230921);
            IF TG_OP = 'INSERT' AND NOT EXISTS (SELECT 1 FROM "Revocations" WHERE "Kind"=2 AND "ClientId"=it."ClientId") THEN
                RETURN NULL;
            END IF;
            INSERT INTO "Revocations" ("DeadId", "ExpiresAt", "Kind", "ClientId", "Audiences")
            VALUES (it."Id", clock_timestamp() + interval '7 days', 2, it."ClientId", it."Permissions");
            PERFORM pg_notify('token_server', '');
            RETURN NULL;
        END $$;
        CREATE TRIGGER "ClientEnded" AFTER UPDATE OF "Properties" ON "OpenIddictApplications" FOR EACH ROW
        WHEN (NEW."Properties" IS DISTINCT FROM OLD."Properties") EXECUTE FUNCTION "NoteClient"();
        CREATE TRIGGER "ClientGone" AFTER INSERT OR DELETE ON "OpenIddictApplications" FOR EACH ROW EXECUTE FUNCTION "NoteClient"();
        CREATE FUNCTION "NoteFormerAudiences"() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE listed text := to_jsonb(OLD) ->> TG_ARGV[0];
        BEGIN
            IF listed IS NOT NULL AND (TG_OP = 'DELETE' OR listed IS DISTINCT FROM to_jsonb(NEW) ->> TG_ARGV[0]) THEN
                INSERT INTO "FormerAudiences" ("Listed", "Until") VALUES (listed, clock_timestamp() + interval '7 days');
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER "ScopeNarrowed" AFTER UPDATE OR DELETE ON "OpenIddictScopes" FOR EACH ROW
        EXECUTE FUNCTION "NoteFormerAudiences"('Resources');
        CREATE TRIGGER "ClientNarrowed" AFTER UPDATE OR DELETE ON "OpenIddictApplications" FOR EACH ROW
        EXECUTE FUNCTION "NoteFormerAudiences"('Permissions');
        """;
}
