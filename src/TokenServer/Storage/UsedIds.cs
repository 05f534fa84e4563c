namespace TokenServer.Storage;

/// <summary>What may be shown once, as the <c>jti</c> of a client's assertion (RFC 7523 section 3): whoever comes first has it, on all
/// replicas together, and also after a crash.</summary>
internal sealed class UsedIds(Database database, TimeProvider clock)
{
    // One that is over, and not yet pruned, is in nobody's way.
    private const string UseSql = """
        INSERT INTO "UsedIds" ("Id", "ExpiresAt") VALUES (@p0, @p1)
        ON CONFLICT ("Id") DO UPDATE SET "ExpiresAt"=@p1 WHERE "UsedIds"."ExpiresAt" < @p2
        """;

    /// <summary>When the last of them is over, UTC; null where there is none.</summary>
    public DateTime? LastEnd() => database.Read(s => s.First(
        """SELECT max("ExpiresAt") FROM "UsedIds" """, r => r.IsDBNull(0) ? null : (object)r.GetDateTime(0))) as DateTime?;

    /// <summary>Uses <paramref name="id"/> up; false where it was used before.</summary>
    /// <param name="purpose">What it is for: the same id may be used for another.</param>
    /// <param name="owner">Whose it is: the same id may be another's, too.</param>
    /// <param name="id">What may be shown once.</param>
    /// <param name="until">When it would be refused for its age, UTC.</param>
    public Task<bool> UseAsync(string purpose, string owner, string id, DateTime until)
    {
        // Their lengths are part of what is hashed, so that no part can be taken for another's.
        string text = $"{purpose.Length} {purpose} {owner.Length} {owner} {id}";
        string hash = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        DateTime now = clock.GetUtcNow().UtcDateTime;
        return database.WriteBesideAsync(s => s.Execute(UseSql, hash, until, now) == 1);
    }
}
