using TokenServer.Storage;

namespace TokenServer.Accounts.TwoFactor;

/// <summary>The rows of authenticators, in the caller's transaction. One that is not proven opens nothing, and an account has one such at
/// most; the next takes its place.</summary>
internal static class StoredAuthenticators
{
    private const string OfSql = """
        SELECT "Id", "AccountId", "Name", "CreatedAt", "LastUsedAt" FROM "Authenticators"
        WHERE "AccountId"=@p0 AND "IsProven" ORDER BY "Id"
        """;

    // None counts while the second factor is off.
    private const string SecretsSql = """
        SELECT a."Id", a."Secret" FROM "Authenticators" a JOIN "AspNetUsers" u ON u."Id"=a."AccountId"
        WHERE a."AccountId"=@p0 AND a."IsProven" AND u."TwoFactorEnabled" ORDER BY a."Id"
        """;
    private const string UnprovenSql = """SELECT "Id", "Secret" FROM "Authenticators" WHERE "AccountId"=@p0 AND NOT "IsProven" """;
    private const string AddSql = """
        INSERT INTO "Authenticators" ("Id", "AccountId", "Name", "Secret", "IsProven", "LastStep", "CreatedAt")
        VALUES (@p0, @p1, @p2, @p3, @p4, 0, @p5)
        """;
    private const string ProveSql = """
        UPDATE "Authenticators" SET "IsProven"=@p1, "Name"=@p2, "LastStep"=@p3, "CreatedAt"=@p4 WHERE "Id"=@p0 AND NOT "IsProven"
        """;
    private const string UseSql = """
        UPDATE "Authenticators" SET "LastStep"=@p1, "LastUsedAt"=@p3 WHERE "Id"=@p0 AND ("LastStep" < @p1 OR "LastStep" > @p2)
        """;

    /// <summary>Those of an account that count, the oldest first.</summary>
    public static List<Authenticator> Of(Statements s, int accountId) =>
        s.All(OfSql, r => new Authenticator(
            r.GetInt64(0), r.GetInt32(1), r.GetString(2), Row.TimeOrNull(r, 3), Row.TimeOrNull(r, 4)), accountId);

    /// <summary>The sealed secrets of those that count; none while the second factor is off.</summary>
    public static List<SealedSecret> Secrets(Statements s, int accountId) => s.All(SecretsSql, Read, accountId);

    /// <summary>The sealed secret that waits for its first code.</summary>
    public static SealedSecret? Unproven(Statements s, int accountId) => s.First(UnprovenSql, Read, accountId);

    /// <summary>Adds one: not proven, in the place of another such, or proven.</summary>
    public static void Add(Statements s, SealedSecret added, int accountId, bool isProven, DateTime now)
    {
        if (!isProven) s.Execute("""DELETE FROM "Authenticators" WHERE "AccountId"=@p0 AND NOT "IsProven" """, accountId);
        s.Execute(AddSql, added.Id, accountId, Authenticator.UsualName, added.Text, isProven, now);
    }

    /// <summary>Has it count from the code of <paramref name="step"/> on, which opens nothing any more. False where it counts
    /// already.</summary>
    public static bool Prove(Statements s, long id, string name, long step, DateTime now) =>
        s.Execute(ProveSql, id, true, name, step, now) == 1;

    /// <summary>Uses the code of a step up. False where it was used, or a later one was. A last step after <paramref name="latest"/> was
    /// stored by a clock that was ahead, and holds nothing up.</summary>
    public static bool Use(Statements s, long id, long step, long latest, DateTime now) => s.Execute(UseSql, id, step, latest, now) == 1;

    /// <summary>Removes one of an account.</summary>
    public static bool Remove(Statements s, int accountId, long id) =>
        s.Execute("""DELETE FROM "Authenticators" WHERE "Id"=@p0 AND "AccountId"=@p1 AND "IsProven" """, id, accountId) == 1;

    /// <summary>Removes all of an account but <paramref name="kept"/>.</summary>
    public static void RemoveAll(Statements s, int accountId, long? kept = null) =>
        s.Execute("""DELETE FROM "Authenticators" WHERE "AccountId"=@p0 AND "Id"<>@p1""", accountId, kept ?? 0);

    private static SealedSecret Read(DbDataReader r) => new(r.GetInt64(0), r.GetString(1));
}

/// <summary>What is stored of an authenticator's secret.</summary>
internal sealed record SealedSecret(long Id, string Text);
