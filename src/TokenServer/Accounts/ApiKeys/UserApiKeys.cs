using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using TokenServer.Audit;
using TokenServer.Storage;

namespace TokenServer.Accounts.ApiKeys;

/// <summary>The API keys of accounts: <c>sk_live_</c> and 24 base62 characters, stored as SHA-256. Another account's key is as one that is not there.</summary>
internal sealed class UserApiKeys(Database database, TimeOrderedId ids, TimeProvider clock)
{
    public const string Prefix = "sk_live_", IdPrefix = "key_";
    public const int LongestName = 100, Length = 24;
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public IReadOnlyList<ApiKey> Of(int accountId) => database.Read(s => s.All(
        """SELECT "Id", "Name", "CreatedAt", "LastUsedAt" FROM "ApiKeys" WHERE "AccountId"=@p0 ORDER BY "Id" """,
        r => new ApiKey(r.GetInt64(0), r.GetString(1), Row.Time(r, 2), Row.TimeOrNull(r, 3)), accountId));

    /// <summary>Makes a key; its text is shown this once.</summary>
    public Task<(ApiKey Key, string Text)> AddAsync(int accountId, string name) => database.WriteAsync(s =>
    {
        var key = new ApiKey(ids.Next(), name, Now, null);
        string text = Prefix + RandomNumberGenerator.GetString(Base62, Length);
        s.Execute("""INSERT INTO "ApiKeys" ("Id", "AccountId", "Name", "Hash", "CreatedAt") VALUES (@p0, @p1, @p2, @p3, @p4)""", key.Id, accountId, name, Hash(text), key.CreatedAt);
        AuditTrail.Append(s, new AuditEvent("api_key.added", Now) { Actor = accountId.ToString(), Target = key.KeyId });
        return (key, text);
    });

    /// <summary>Deletes a key: it is dead at once. False where the account has no such key.</summary>
    public Task<bool> DeleteAsync(int accountId, string keyId) => database.WriteAsync(s =>
    {
        long? id = keyId.StartsWith(IdPrefix, StringComparison.Ordinal) ? TimeOrderedId.Parse(keyId.AsSpan(IdPrefix.Length)) : null;
        if (id is null || s.Execute("""DELETE FROM "ApiKeys" WHERE "Id"=@p0 AND "AccountId"=@p1""", id, accountId) != 1) return false;
        AuditTrail.Append(s, new AuditEvent("api_key.deleted", Now) { Actor = accountId.ToString(), Target = keyId });
        return true;
    });

    /// <summary>What is stored of a key.</summary>
    public static string Hash(string key) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}

/// <summary>An API key as its account sees it.</summary>
internal sealed record ApiKey(long Id, string Name, DateTime CreatedAt, DateTime? LastUsed)
{
    public string KeyId => UserApiKeys.IdPrefix + TimeOrderedId.ToText(Id);
}
