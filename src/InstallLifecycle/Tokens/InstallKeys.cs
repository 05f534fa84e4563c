using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.AspNetCore.DataProtection;

namespace InstallLifecycle.Tokens;

/// <summary>The keys that sign precheck tokens, sign install tokens, and hash codes; their table. Which there are is read within each
/// operation, so that nothing is out of date on another replica; a key that was unsealed once is remembered. Private bytes are stored under
/// Data Protection.</summary>
internal sealed class InstallKeys(IInstallStorage storage,
    IDataProtectionProvider protection, InstallLifecycleOptions options, TimeProvider clock)
{
    public const string Precheck = "precheck", Install = "install", Code = "code";
    private const int KeyLength = 32;
    private const string KeysSql = """
        SELECT "KeyId", "Purpose", "Sealed" FROM "InstallKeys" ORDER BY "RetiredAt" IS NOT NULL, "CreatedAt" DESC
        """;
    private const string DueSql = """
        SELECT DISTINCT "Purpose" FROM "InstallKeys" WHERE "RetiredAt" IS NULL AND ("CreatedAt"<=@p0 OR "CreatedAt">@p1)
        """;
    private const string RetireSql = """UPDATE "InstallKeys" SET "RetiredAt"=@p0 WHERE "Purpose"=@p1 AND "RetiredAt" IS NULL""";
    private const string InsertSql = """
        INSERT INTO "InstallKeys" ("KeyId", "Purpose", "Sealed", "CreatedAt") VALUES (@p0, @p1, @p2, @p3)
        """;
    private static readonly string[] Purposes = [Precheck, Install, Code];

    // Longer than anything lives that was made with a key.
    private static readonly TimeSpan Understood = TimeSpan.FromDays(2);
    private readonly IDataProtector protector = protection.CreateProtector("InstallLifecycle.Keys");
    private readonly ConcurrentDictionary<string, InstallKey> unsealed = new(StringComparer.Ordinal);

    /// <summary>Lets keys that have served long enough retire.</summary>
    public Task MaintainAsync() => storage.WriteAsync((s, events) =>
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        foreach (string purpose in s.All(DueSql, r => r.GetString(0), now - options.KeyLifetime, now + StoredTime.Skew))
            Replace(s, events, purpose, actor: null);
        return s.Execute("""DELETE FROM "InstallKeys" WHERE "RetiredAt"<@p0""", now - Understood);
    });

    /// <summary>Puts new keys to work at once; what was made with the old ones stays good to its end.</summary>
    /// <param name="actor">Who does it.</param>
    public Task RotateAsync(Caller actor) => storage.WriteAsync((s, events) =>
    {
        foreach (string purpose in Purposes) Replace(s, events, purpose, actor);
        return true;
    });

    /// <summary>Replaces all keys, which have leaked: every precheck token, install token and code is dead at once.</summary>
    /// <param name="actor">Who does it.</param>
    public Task ReplaceAllAsync(Caller actor) => storage.WriteAsync((s, events) =>
    {
        s.Execute("""DELETE FROM "InstallKeys" """);
        events.Record(new InstallEvent("install_key.all_replaced", clock.GetUtcNow().UtcDateTime, Target: null, actor));
        foreach (string purpose in Purposes) Replace(s, events, purpose, actor);
        return true;
    });

    /// <summary>The keys, for an operation that is to make something with them; the first such makes them.</summary>
    public KeySet ReadOrMake(IInstallStatements s, IInstallEvents events)
    {
        var keys = Read(s);
        string[] missing = [.. Purposes.Where(p => !keys.All(p).Any())];
        foreach (string purpose in missing) Replace(s, events, purpose, actor: null);
        return missing.Length == 0 ? keys : Read(s);
    }

    /// <summary>The keys as they are in this transaction, the newest first.</summary>
    public KeySet Read(IInstallStatements s) => new([.. s.All(KeysSql, Read)]);

    private InstallKey Read(DbDataReader row)
    {
        string keyId = row.GetString(0);
        return unsealed.TryGetValue(keyId, out var known) ? known : unsealed[keyId] =
            new InstallKey(keyId, row.GetString(1), protector.Unprotect(Convert.FromBase64String(row.GetString(2))));
    }

    private void Replace(IInstallStatements s, IInstallEvents events, string purpose, Caller? actor)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        s.Execute(RetireSql, now, purpose);
        string keyId = RandomNumberGenerator.GetHexString(16, lowercase: true);
        byte[] key = RandomNumberGenerator.GetBytes(KeyLength);
        s.Execute(InsertSql, keyId, purpose, Convert.ToBase64String(protector.Protect(key)), now);
        events.Record(new InstallEvent("install_key.rotated", now, $"{purpose} {keyId}", actor));
    }
}

/// <summary>A key, unsealed.</summary>
internal sealed record InstallKey(string KeyId, string Purpose, byte[] Bytes);

/// <summary>All keys that are understood.</summary>
internal sealed class KeySet(InstallKey[] keys)
{
    /// <summary>The key to make something with now.</summary>
    public InstallKey Current(string purpose) => keys.First(k => k.Purpose == purpose);

    public InstallKey? Find(string purpose, string keyId) => keys.FirstOrDefault(k => k.Purpose == purpose && k.KeyId == keyId);

    public IEnumerable<InstallKey> All(string purpose) => keys.Where(k => k.Purpose == purpose);
}
