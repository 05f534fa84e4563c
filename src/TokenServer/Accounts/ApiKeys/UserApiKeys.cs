using TokenServer.Audit;
using TokenServer.Foundation.Precis;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Accounts.ApiKeys;

/// <summary>The API keys of accounts: <c>sk_live_</c> and 24 base62 characters, stored as SHA-256.
/// Another account's key is as one that is not there.</summary>
internal sealed class UserApiKeys(Database database, TimeOrderedId ids, TimeProvider clock)
{
    public const string Prefix = "sk_live_", IdPrefix = "key_";
    public const int LongestName = 100, Length = 24, MostKeys = 100;
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public IReadOnlyList<ApiKey> Of(int accountId) => database.Read(s => s.All(
        """SELECT "Id", "Name", "CreatedAt", "LastUsedAt" FROM "ApiKeys" WHERE "AccountId"=@p0 ORDER BY "Id" """,
        r => new ApiKey(r.GetInt64(0), r.GetString(1), Row.Time(r, 2), Row.TimeOrNull(r, 3)), accountId));

    /// <summary>Makes a key; its text is shown this once.</summary>
    public Task<Owned<NewApiKey>> AddAsync(Owner owner, string given) => database.WriteAsync<Owned<NewApiKey>>(s =>
    {
        if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
        if (GivenName.Of(given) is not { } name) return NotOwned.BadName;
        if (s.All("""SELECT 1 FROM "ApiKeys" WHERE "AccountId"=@p0""", _ => 1, owner.AccountId).Count >= MostKeys) return NotOwned.TooMany;
        var key = new ApiKey(ids.Next(), name, Now, null);
        string text = Prefix + RandomNumberGenerator.GetString(Base62, Length);
        s.Execute("""INSERT INTO "ApiKeys" ("Id", "AccountId", "Name", "Hash", "CreatedAt") VALUES (@p0, @p1, @p2, @p3, @p4)""",
            key.Id, owner.AccountId, name, Hash(text), key.CreatedAt);
        Append(s, "api_key.added", owner, key.KeyId);
        return new NewApiKey(key, text);
    });

    /// <summary>Deletes a key: it is dead at once. The answer is the key's id.</summary>
    public Task<Owned<string>> DeleteAsync(Owner owner, string keyId) => database.WriteAsync<Owned<string>>(s =>
    {
        if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
        long? id = keyId.StartsWith(IdPrefix, StringComparison.Ordinal) ? TimeOrderedId.Parse(keyId.AsSpan(IdPrefix.Length)) : null;
        if (id is null || s.Execute("""DELETE FROM "ApiKeys" WHERE "Id"=@p0 AND "AccountId"=@p1""", id, owner.AccountId) != 1)
            return NotOwned.NotThere;
        Append(s, "api_key.deleted", owner, keyId);
        return keyId;
    });

    private void Append(Statements s, string happened, Owner owner, string keyId) =>
        AuditTrail.Append(s, new AuditEvent(happened, Now, owner.Actor) { Target = keyId });

    /// <summary>What is stored of a key.</summary>
    public static string Hash(string key) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}

/// <summary>An API key as its account sees it.</summary>
internal sealed record ApiKey(long Id, string Name, DateTime CreatedAt, DateTime? LastUsed)
{
    public string KeyId => UserApiKeys.IdPrefix + TimeOrderedId.ToText(Id);
}

/// <summary>A key just made, and its text.</summary>
internal sealed record NewApiKey(ApiKey Key, string Text);
