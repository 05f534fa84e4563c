namespace TokenServer.Storage;

/// <summary>What was answered, kept for a while under a hash of what was asked: whoever comes first makes the answer, on all replicas
/// together and also after a crash, and whoever comes with the same finds it (docs/decisions/0041). It is sealed by who makes it.</summary>
internal sealed class KeptAnswers(Database database, TimeProvider clock)
{
    // One that is over, and not yet pruned, is in nobody's way.
    private const string ClaimSql = """
        INSERT INTO "KeptAnswers" ("Id", "ExpiresAt") VALUES (@p0, @p1)
        ON CONFLICT ("Id") DO UPDATE SET "ExpiresAt"=@p1, "Sealed"=NULL, "Owner"=NULL WHERE "KeptAnswers"."ExpiresAt" < @p2
        """;
    private const string KeepSql =
        """UPDATE "KeptAnswers" SET "Sealed"=@p1, "ExpiresAt"=@p2, "Owner"=@p3 WHERE "Id"=@p0 AND "Sealed" IS NULL""";
    private const string ReleaseSql = """DELETE FROM "KeptAnswers" WHERE "Id"=@p0 AND "Sealed" IS NULL""";
    private const string PutSql = """
        INSERT INTO "KeptAnswers" ("Id", "Sealed", "ExpiresAt", "Owner") VALUES (@p0, @p1, @p2, @p3)
        ON CONFLICT ("Id") DO UPDATE SET "Sealed"=@p1, "ExpiresAt"=@p2 WHERE "KeptAnswers"."Owner"=@p3
        """;
    private const string FindSql = """SELECT "Sealed" FROM "KeptAnswers" WHERE "Id"=@p0 AND "ExpiresAt" >= @p1""";
    private const string TakeSql = """
        DELETE FROM "KeptAnswers" WHERE "Id"=@p0 AND "ExpiresAt" >= @p1 AND "Sealed" IS NOT NULL RETURNING "Sealed"
        """;

    // Each that comes pushes out one at most, of those that are over first.
    private const string PushOutSql = """
        DELETE FROM "KeptAnswers" WHERE "Id"=(SELECT "Id" FROM "KeptAnswers" WHERE "Owner"=@p0 ORDER BY "ExpiresAt" DESC LIMIT 1 OFFSET @p1)
        """;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>The id of what is asked: its parts hashed with their lengths, so that none can be taken for another's.</summary>
    public static string IdOf(IEnumerable<string> parts)
    {
        string text = string.Concat(parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Length} {part}")));
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Whether the caller is to make the answer; false where somebody else does, or has.</summary>
    public Task<bool> ClaimAsync(string id, TimeSpan lifetime)
    {
        DateTime now = Now;
        return database.WriteBesideAsync(s => s.Execute(ClaimSql, id, now + lifetime, now) == 1);
    }

    /// <summary>Keeps the answer of who has claimed it.</summary>
    public Task KeepAsync(string id, string answer, TimeSpan lifetime, KeptFor? owner) => database.WriteBesideAsync(s =>
    {
        s.Execute(KeepSql, id, answer, Now + lifetime, owner?.Name);
        PushOut(s, owner);
    });

    /// <summary>Gives a claim back: nothing was done.</summary>
    public Task ReleaseAsync(string id) => database.WriteBesideAsync(s => s.Execute(ReleaseSql, id));

    /// <summary>Keeps what <see cref="TakeAsync"/> gives out; what the owner had kept under the same id goes.</summary>
    public Task PutAsync(string id, string answer, TimeSpan lifetime, KeptFor owner) => database.WriteAsync(s =>
    {
        s.Execute(PutSql, id, answer, Now + lifetime, owner.Name);
        PushOut(s, owner);
    });

    /// <summary>The answer; null where there is none.</summary>
    public KeptAnswer? Find(string id) => database.Read(s => s.First(FindSql, Read, id, Now));

    /// <summary>What was put, to whoever comes first; null where it is gone.</summary>
    public async Task<string?> TakeAsync(string id) =>
        (await database.WriteBesideAsync(s => s.First(TakeSql, Read, id, Now)))?.Sealed;

    // An answer that is just being kept has had no owner before; so no two writers wait for each other's row.
    private static void PushOut(Statements s, KeptFor? owner)
    {
        if (owner is not null) s.Execute(PushOutSql, owner.Name, owner.Most);
    }

    private static KeptAnswer Read(DbDataReader row) => new(row.IsDBNull(0) ? null : row.GetString(0));
}

/// <summary>An answer that is kept.</summary>
/// <param name="Sealed">The answer; null while it is being made, or where whoever made it did not live to keep it.</param>
internal sealed record KeptAnswer(string? Sealed);

/// <summary>Whose an answer is.</summary>
/// <param name="Name">An account, and what kind of answers: <c>form 12</c>.</param>
/// <param name="Most">How many are kept of it; those that are over first go first.</param>
internal sealed record KeptFor(string Name, int Most)
{
    /// <summary>Of an account.</summary>
    public static KeptFor Account(string kind, int id, int most) => new(string.Create(CultureInfo.InvariantCulture, $"{kind} {id}"), most);
}
