using System.Collections.Frozen;
using Microsoft.AspNetCore.DataProtection;
using TokenServer.Audit;
using TokenServer.Foundation;
using TokenServer.Keys.Jose;
using TokenServer.Storage;

namespace TokenServer.Keys;

/// <summary>The signing keys. For each algorithm there is at all times one key that signs and one that is announced and will follow it;
/// keys that signed before stay published until the last token of theirs has expired. Private keys are stored under Data
/// Protection.</summary>
internal sealed class KeyRing(Database database, IDataProtectionProvider protection, KeysOptions options, TimeProvider clock)
    : IKeptInMemory
{
    public const string Name = "keys";
    private const string SelectSql =
        """SELECT "KeyId", "Algorithm", "Sealed", "CreatedAt", "ActivatedAt", "RetiredAt" FROM "SigningKeys" ORDER BY "CreatedAt" """;
    public static readonly string[] Algorithms = [SigningKey.ES256, SigningKey.RS256];

    private readonly IDataProtector protector = protection.CreateProtector("SigningKeys");
    private readonly Lock reading = new();
    private volatile Snapshot snapshot = new([]);

    public string VersionName => Name;

    /// <summary>All keys, the newest last.</summary>
    public IReadOnlyList<RingKey> Keys => snapshot.Keys;

    /// <summary>Raised after the ring was read anew.</summary>
    public event Action? Changed;

    /// <summary>The key that signs with <paramref name="algorithm"/> now.</summary>
    public SigningKey Active(string algorithm) => snapshot.Active[algorithm];

    /// <summary>Whether there is a key that signs with <paramref name="algorithm"/>.</summary>
    public bool Signs(string algorithm) => snapshot.Active.ContainsKey(algorithm);

    /// <summary>The key named by <paramref name="keyId"/>, or null.</summary>
    public SigningKey? Find(string keyId) => snapshot.ById.GetValueOrDefault(keyId);

    /// <summary>How long a retired key stays published: the longest any token lives, and a day for what is late.</summary>
    public static readonly TimeSpan Retiring = LifetimesOptions.LongestAccessToken + TimeSpan.FromDays(1);

    /// <summary>When the announced key of <paramref name="algorithm"/> takes over by itself:
    /// the active one has signed for long enough then, and everybody has read the announced one.</summary>
    public DateTime RotatesAt(string algorithm)
    {
        var keys = snapshot.Keys.Where(k => k.Key.Algorithm == algorithm).ToList();
        DateTime due = keys.First(k => k.Phase == KeyPhase.Active).ActivatedAt!.Value + options.Active,
            known = keys.First(k => k.Phase == KeyPhase.Announced).CreatedAt + options.Announced;
        return due > known ? due : known;
    }

    /// <summary>When everybody will have read every announced key, UTC; null where everybody has. A rotation before that lets keys sign
    /// that resource servers may not know yet, and they refuse what was just signed.</summary>
    public DateTime? UnknownUntil =>
        snapshot.Keys.Where(k => k.Phase == KeyPhase.Announced).Max(k => (DateTime?)k.CreatedAt) + options.Announced is { } known
            && known > Now ? known : null;

    /// <summary>Reads the keys; makes the first ones where there are none.</summary>
    /// <exception cref="Foundation.SettingException">A key cannot be unsealed:
    /// the data directory is not the one it was made with.</exception>
    public async Task LoadAsync()
    {
        Reload();
        string[] missing = [.. Algorithms.Where(a => !snapshot.Active.ContainsKey(a))];
        if (missing.Length == 0) return;
        var made = await Task.WhenAll(missing.SelectMany(a => new[] { a, a }).Select(a => Task.Run(() => Generate(a))));
        await database.WriteAsync(s =>
        {
            foreach (var pair in made.Chunk(2))
            {
                if (s.First(SelectOne, _ => "", pair[0].Key.Algorithm) is not null) continue;
                Insert(s, pair[0], Now, Now);
                Insert(s, pair[1], Now, null);
            }
            Versions.Bump(s, Name);
        });
        Reload();
    }

    /// <summary>Reads the keys as they are stored now.</summary>
    public void Reload()
    {
        lock (reading) Read();
        Changed?.Invoke();
    }

    private void Read()
    {
        var before = snapshot.ById;
        snapshot = new Snapshot(database.Read(s => s.All(SelectSql,
            r => new RingKey(before.GetValueOrDefault(r.GetString(0)) ?? Unseal(r.GetString(1), r.GetString(2)),
                Row.Time(r, 3), Row.TimeOrNull(r, 4), Row.TimeOrNull(r, 5)))));
    }

    /// <summary>Puts the announced key of <paramref name="algorithm"/> to work at once, announces a new one, and retires the old.
    /// False where another process just did.</summary>
    public async Task<bool> RotateAsync(string algorithm, Actor actor)
    {
        var next = Generate(algorithm);
        string active = Active(algorithm).KeyId,
            announced = snapshot.Keys.First(k => k.Key.Algorithm == algorithm && k.Phase == KeyPhase.Announced).Key.KeyId;
        bool won = await database.WriteAsync(s =>
        {
            if (s.Execute("""UPDATE "SigningKeys" SET "RetiredAt"=@p0 WHERE "KeyId"=@p1 AND "RetiredAt" IS NULL""", Now, active) != 1)
                return false;
            s.Execute("""UPDATE "SigningKeys" SET "ActivatedAt"=@p0 WHERE "KeyId"=@p1""", Now, announced);
            Insert(s, next, Now, null);
            Versions.Bump(s, Name);
            AuditTrail.Append(s, new AuditEvent("key.rotated", Now, actor) { Target = announced });
            return true;
        });
        Reload();
        return won;
    }

    /// <summary>Replaces every key at once, the announced ones too: all tokens signed so far are dead. For keys that have leaked.</summary>
    public async Task ReplaceAllAsync(Actor actor)
    {
        var made = await Task.WhenAll(Algorithms.SelectMany(a => new[] { a, a }).Select(a => Task.Run(() => Generate(a))));
        await database.WriteAsync(s =>
        {
            s.Execute("""DELETE FROM "SigningKeys" """);
            foreach (var pair in made.Chunk(2))
            {
                Insert(s, pair[0], Now, Now);
                Insert(s, pair[1], Now, null);
            }
            Versions.Bump(s, Name);
            AuditTrail.Append(s, new AuditEvent("key.all_replaced", Now, actor));
        });
        Reload();
    }

    /// <summary>Rotates what has signed for long enough, and deletes what no token can name any more.</summary>
    public async Task MaintainAsync()
    {
        DateTime now = Now;
        await CountAsNowAsync(now);
        foreach (string algorithm in Algorithms)
        {
            if (RotatesAt(algorithm) <= now) await RotateAsync(algorithm, "schedule");
        }
        int gone = await database.WriteAsync(s =>
        {
            int deleted = s.Execute("""DELETE FROM "SigningKeys" WHERE "RetiredAt" < @p0""", now - Retiring);
            if (deleted > 0) Versions.Bump(s, Name);
            return deleted;
        });
        if (gone > 0) Reload();
    }

    // What a clock that was ahead has stamped: else a phase would last that much longer.
    private async Task CountAsNowAsync(DateTime now)
    {
        if (!snapshot.Keys.Any(k => ((DateTime?[])[k.CreatedAt, k.ActivatedAt, k.RetiredAt]).Any(t => t > now + StoredTime.Skew))) return;
        await database.WriteAsync(s =>
        {
            foreach (string column in (string[])["CreatedAt", "ActivatedAt", "RetiredAt"])
                s.Execute($"""UPDATE "SigningKeys" SET "{column}"=@p0 WHERE "{column}">@p1""", now, now + StoredTime.Skew);
            Versions.Bump(s, Name);
        });
        Reload();
    }

    private const string SelectOne = """SELECT 1 FROM "SigningKeys" WHERE "Algorithm"=@p0""";
    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private (SigningKey Key, string Sealed) Generate(string algorithm)
    {
        byte[] pkcs8 = SigningKey.Generate(algorithm);
        return (new SigningKey(algorithm, pkcs8), Convert.ToBase64String(protector.Protect(pkcs8)));
    }

    private SigningKey Unseal(string algorithm, string text)
    {
        try
        {
            return new SigningKey(algorithm, protector.Unprotect(Convert.FromBase64String(text)));
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new Foundation.SettingException("TokenServer:DataDirectory",
                "its keys cannot open the signing keys in the database; it must be the folder the database was used with", e);
        }
    }

    private static void Insert(Statements s, (SigningKey Key, string Sealed) made, DateTime created, DateTime? activated) => s.Execute(
        """INSERT INTO "SigningKeys" ("KeyId", "Algorithm", "Sealed", "CreatedAt", "ActivatedAt") VALUES (@p0, @p1, @p2, @p3, @p4)""",
        made.Key.KeyId, made.Key.Algorithm, made.Sealed, created, activated);

    private sealed class Snapshot(IReadOnlyList<RingKey> keys)
    {
        public IReadOnlyList<RingKey> Keys { get; } = keys;
        public FrozenDictionary<string, SigningKey> ById { get; } = keys.ToFrozenDictionary(k => k.Key.KeyId, k => k.Key);
        public FrozenDictionary<string, SigningKey> Active { get; } =
            keys.Where(k => k.Phase == KeyPhase.Active).ToFrozenDictionary(k => k.Key.Algorithm, k => k.Key);
    }
}
