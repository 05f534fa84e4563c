using System.Collections.Concurrent;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using Microsoft.AspNetCore.DataProtection;

namespace InstallLifecycle.Tokens;

/// <summary>The keys that sign precheck tokens, sign install tokens, and hash codes. They are read within each operation: an install takes
/// a few of those, and so there is nothing that could be out of date on another replica. Private bytes are stored under Data
/// Protection.</summary>
internal sealed class InstallKeys(IInstallStorage storage,
    IDataProtectionProvider protection, InstallLifecycleOptions options, TimeProvider clock)
{
    public const string Precheck = "precheck", Install = "install", Code = "code";
    private const int KeyLength = 32;
    private static readonly string[] Purposes = [Precheck, Install, Code];

    // Longer than anything lives that was made with a key.
    private static readonly TimeSpan Understood = TimeSpan.FromDays(2);
    private readonly IDataProtector protector = protection.CreateProtector("InstallLifecycle.Keys");
    private readonly ConcurrentDictionary<string, byte[]> unsealed = new(StringComparer.Ordinal);

    /// <summary>Lets keys that have served long enough retire.</summary>
    public Task MaintainAsync() => storage.WriteAsync((db, events) =>
    {
        DateTime now = clock.GetUtcNow().UtcDateTime, ahead = now + StoredTime.Skew;
        foreach (string purpose in db.Keys
            .Where(k => k.RetiredAt == null && (k.CreatedAt <= now - options.KeyLifetime || k.CreatedAt > ahead))
            .Select(k => k.Purpose).Distinct().ToList()) Replace(db, events, purpose, actor: null);
        return db.Keys.Where(k => k.RetiredAt < now - Understood).ExecuteDelete();
    });

    /// <summary>Puts new keys to work at once; what was made with the old ones stays good to its end.</summary>
    /// <param name="actor">Who does it.</param>
    public Task RotateAsync(Caller actor) => storage.WriteAsync((db, events) =>
    {
        foreach (string purpose in Purposes) Replace(db, events, purpose, actor);
        return true;
    });

    /// <summary>Replaces all keys, which have leaked: every precheck token, install token and code is dead at once.</summary>
    /// <param name="actor">Who does it.</param>
    public Task ReplaceAllAsync(Caller actor) => storage.WriteAsync((db, events) =>
    {
        db.Keys.ExecuteDelete();
        events.Record(new InstallEvent("install_key.all_replaced", clock.GetUtcNow().UtcDateTime, Target: null, actor));
        foreach (string purpose in Purposes) Replace(db, events, purpose, actor);
        return true;
    });

    /// <summary>The keys, for an operation that is to make something with them; the first such makes them.</summary>
    public KeySet ReadOrMake(InstallLifecycleDbContext db, IInstallEvents events)
    {
        var keys = Read(db);
        string[] missing = [.. Purposes.Where(p => !keys.All(p).Any())];
        foreach (string purpose in missing) Replace(db, events, purpose, actor: null);
        return missing.Length == 0 ? keys : Read(db);
    }

    /// <summary>The keys as they are in this transaction, the newest first.</summary>
    public KeySet Read(InstallLifecycleDbContext db) =>
        new([.. db.Keys.AsNoTracking().OrderBy(k => k.RetiredAt != null).ThenByDescending(k => k.CreatedAt).ToList()
        .Select(k =>
            new InstallKey(k.KeyId, k.Purpose, unsealed.GetOrAdd(k.KeyId, _ => protector.Unprotect(Convert.FromBase64String(k.Sealed)))))]);

    private void Replace(InstallLifecycleDbContext db, IInstallEvents events, string purpose, Caller? actor)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        db.Keys.Where(k => k.Purpose == purpose && k.RetiredAt == null).ExecuteUpdate(u => u.SetProperty(k => k.RetiredAt, now));
        string keyId = RandomNumberGenerator.GetHexString(16, lowercase: true);
        byte[] key = RandomNumberGenerator.GetBytes(KeyLength);
        db.Keys.Add(
            new KeyRow { KeyId = keyId, Purpose = purpose, Sealed = Convert.ToBase64String(protector.Protect(key)), CreatedAt = now });
        db.SaveChanges();
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
