using TokenServer.Audit;
using TokenServer.Clients;
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

    /// <summary>The longest that a key with an end lives.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(3653);

    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public IReadOnlyList<ApiKey> Of(int accountId) => database.Read(s => s.All(
        """
        SELECT "Id", "Name", "CreatedAt", "LastUsedAt", "Scope", "ExpiresAt", "LastAddress" FROM "ApiKeys"
        WHERE "AccountId"=@p0 ORDER BY "Id"
        """,
        r => new ApiKey(r.GetInt64(0), r.GetString(1), Row.Time(r, 2), Row.TimeOrNull(r, 3))
        {
            Scopes = Row.TextOrNull(r, 4) is { } scope ? ScopeSet.Parse(scope) : ApiKeyScopes.Default, ExpiresAt = Row.TimeOrNull(r, 5),
            LastAddress = Row.TextOrNull(r, 6),
        }, accountId));

    /// <summary>Makes a key; its text is shown this once.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="given">What it is called.</param>
    /// <param name="scopes">What it is for (<see cref="ApiKeyScopes"/>); everything where null.</param>
    /// <param name="expiresAt">From when on it is refused, UTC; null for one without an end.</param>
    public Task<Owned<NewApiKey>> AddAsync(Owner owner, string given, ScopeSet? scopes = null, DateTime? expiresAt = null) =>
        database.WriteAsync<Owned<NewApiKey>>(s =>
    {
        if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
        if (GivenName.Of(given) is not { } name) return NotOwned.BadName;
        if (expiresAt <= Now || expiresAt > Now + LongestLife) return NotOwned.BadEnd;
        if (s.All("""SELECT 1 FROM "ApiKeys" WHERE "AccountId"=@p0""", _ => 1, owner.AccountId).Count >= MostKeys) return NotOwned.TooMany;
        var key = new ApiKey(ids.Next(), name, Now, null) { Scopes = scopes ?? ApiKeyScopes.Default, ExpiresAt = expiresAt };
        string text = Prefix + RandomNumberGenerator.GetString(Base62, Length);
        s.Execute("""
            INSERT INTO "ApiKeys" ("Id", "AccountId", "Name", "Hash", "CreatedAt", "Scope", "ExpiresAt")
            VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6)
            """, key.Id, owner.AccountId, name, Hash(text), key.CreatedAt, scopes?.ToString(), expiresAt);
        string[] limits = [.. scopes is null ? [] : new[] { $"scope: {scopes}" },
            .. expiresAt is { } end ? [$"until: {end:s}Z"] : Array.Empty<string>()];
        Append(s, "api_key.added", owner, key.KeyId, limits.Length == 0 ? null : string.Join("; ", limits));
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

    /// <summary>An administrator deletes a key of an account. False where the account has no such key, or is above the
    /// <see cref="Rank"/> of who does it.</summary>
    public Task<bool> DeleteAsync(int accountId, string keyId, Actor actor) => database.WriteAsync(s =>
    {
        long? id = keyId.StartsWith(IdPrefix, StringComparison.Ordinal) ? TimeOrderedId.Parse(keyId.AsSpan(IdPrefix.Length)) : null;
        if (id is null || UserAccounts.Find(s, accountId) is not { } account || !Rank.MayTouch(actor, account.Role)
            || s.Execute("""DELETE FROM "ApiKeys" WHERE "Id"=@p0 AND "AccountId"=@p1""", id, accountId) != 1) return false;
        AuditTrail.Append(s, new AuditEvent("api_key.deleted", Now, actor) { Target = keyId, Detail = $"of {account.Subject}" });
        return true;
    });

    private void Append(Statements s, string happened, Owner owner, string keyId, string? detail = null) =>
        AuditTrail.Append(s, new AuditEvent(happened, Now, owner.Actor) { Target = keyId, Detail = detail });

    /// <summary>What is stored of a key.</summary>
    public static string Hash(string key) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}

/// <summary>An API key as its account sees it.</summary>
internal sealed record ApiKey(long Id, string Name, DateTime CreatedAt, DateTime? LastUsed)
{
    /// <summary>What it is for.</summary>
    public ScopeSet Scopes { get; init; } = ApiKeyScopes.Default;

    /// <summary>From when on it is refused, UTC; null for one without an end.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>From where it was last used at a face.</summary>
    public string? LastAddress { get; init; }

    public bool HasEnded(DateTime now) => ExpiresAt <= now;

    public string KeyId => UserApiKeys.IdPrefix + TimeOrderedId.ToText(Id);
}

/// <summary>A key just made, and its text.</summary>
internal sealed record NewApiKey(ApiKey Key, string Text);
