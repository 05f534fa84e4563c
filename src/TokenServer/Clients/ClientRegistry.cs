using System.Collections.Frozen;
using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using TokenServer.Audit;
using TokenServer.Protection;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Clients;

/// <summary>The registered clients, rows of OpenIddictApplications, all of them in memory; every change reaches every process within a second.</summary>
internal sealed class ClientRegistry(Database database, PasswordHashing hashing, TimeOrderedId ids, TimeProvider clock) : IKeptInMemory
{
    public const string Name = "clients";
    private const string SelectSql = """
        SELECT "Id", "ClientId", "ClientSecret", "DisplayName", "Permissions", "Properties", "RedirectUris", "Settings", "ApplicationType",
            "ConcurrencyToken", "ClientType", "ConsentType", "DisplayNames", "JsonWebKeySet", "PostLogoutRedirectUris", "Requirements"
        FROM "OpenIddictApplications"
        """;
    private const int Batch = 2_000;

    private readonly Lock reading = new();
    private volatile FrozenDictionary<string, Client> clients = FrozenDictionary<string, Client>.Empty;
    private volatile FrozenDictionary<long, Client> rows = FrozenDictionary<long, Client>.Empty;

    public string VersionName => Name;
    public IEnumerable<Client> All => clients.Values.OrderBy(c => c.Id);

    public Client? Find(string clientId) => clients.GetValueOrDefault(clientId);
    public Client? FindRow(long id) => rows.GetValueOrDefault(id);

    public void Reload()
    {
        lock (reading) Read();
    }

    private void Read()
    {
        var all = database.Read(s => s.All(SelectSql, Of));
        if (all.Count > 0) ids.Pass(all.Max(c => c.ValidAfter));
        clients = all.ToFrozenDictionary(c => c.ClientId, StringComparer.Ordinal);
        rows = all.ToFrozenDictionary(c => c.Id);
    }

    private static Client Of(DbDataReader r) => new(new ApplicationRow
    {
        Id = r.GetInt64(0), ClientId = r.GetString(1), ClientSecret = Row.TextOrNull(r, 2), DisplayName = Row.TextOrNull(r, 3),
        Permissions = Row.TextOrNull(r, 4), Properties = Row.TextOrNull(r, 5), RedirectUris = Row.TextOrNull(r, 6), Settings = Row.TextOrNull(r, 7),
        ApplicationType = Row.TextOrNull(r, 8), ConcurrencyToken = Row.TextOrNull(r, 9), ClientType = Row.TextOrNull(r, 10),
        ConsentType = Row.TextOrNull(r, 11), DisplayNames = Row.TextOrNull(r, 12), JsonWebKeySet = Row.TextOrNull(r, 13),
        PostLogoutRedirectUris = Row.TextOrNull(r, 14), Requirements = Row.TextOrNull(r, 15),
    });

    /// <summary>Stores a registration, new or changed, in the caller's transaction. The secret stays as it is where <paramref name="secretHash"/> is null.</summary>
    public void Save(Statements s, ClientRegistration registration, string? secretHash)
    {
        using var context = s.Context();
        var row = context.Applications.AsTracking().SingleOrDefault(a => a.ClientId == registration.ClientId);
        if (row is null) context.Applications.Add(row = new ApplicationRow { Id = ids.Next() });
        registration.WriteTo(row);
        if (registration.ClientSecret is null) row.ClientSecret = null;
        if (secretHash is not null) row.ClientSecret = secretHash;
        if (context.ChangeTracker.HasChanges())
        {
            row.ConcurrencyToken = RandomNumberGenerator.GetHexString(32);
            Versions.Bump(s, Name);
        }
        context.SaveChanges();
    }

    /// <summary>Registers a client.</summary>
    /// <returns>Null, or what is wrong with the registration.</returns>
    public async Task<string?> AddAsync(ClientRegistration registration, Actor actor)
    {
        if (registration.Problem() is { } problem) return problem;
        string? hash = registration.ClientSecret is { } secret ? await hashing.HashAsync(secret) : null;
        if (registration.ClientSecret is not null && hash is null) return "too many secrets wait to be hashed";
        bool added = await database.WriteAsync(s =>
        {
            if (s.First("""SELECT 1 FROM "OpenIddictApplications" WHERE "ClientId"=@p0""", _ => "", registration.ClientId) is not null) return false;
            Save(s, registration, hash);
            Append(s, "client.added", actor, registration.ClientId!, $"scope: {registration.Scope}");
            return true;
        });
        Reload();
        return added ? null : "client_id is taken";
    }

    /// <summary>Changes a client's registration; it stays public, or confidential with its secret.</summary>
    /// <param name="clientId">Which client.</param>
    /// <param name="isExpected">Whether its <see cref="Clients.Client.Version"/> is one that the caller takes.</param>
    /// <param name="change">The registration as it is → as it shall be.</param>
    /// <param name="actor">Who does it.</param>
    public async Task<Changed<Client>> UpdateAsync(string clientId, Func<string, bool> isExpected, Func<ClientRegistration, ClientRegistration> change, Actor actor)
    {
        var refused = await database.WriteAsync(s =>
        {
            if (s.First(SelectSql + """ WHERE "ClientId"=@p0 AND "ApplicationType" IS NULL""", Of, clientId) is not { } client) return ChangeRefused.NotThere;
            if (!isExpected(client.Version)) return ChangeRefused.Stale;
            var (before, wanted) = (ClientRegistration.Of(client), change(ClientRegistration.Of(client)));
            if (wanted.Problem() is { } problem) return new ChangeRefused(problem);
            Save(s, wanted, secretHash: null);
            Append(s, "client.changed", actor, clientId, wanted.Difference(before));
            return null;
        });
        Reload();
        return refused is null ? Find(clientId)! : refused;
    }

    /// <summary>Deletes a client; every token it was given is dead. False where there is none.</summary>
    public Task<bool> DeleteAsync(string clientId, Actor actor) => EndAsync(clientId, () =>
        ChangeAsync(s => s.Execute("""DELETE FROM "OpenIddictApplications" WHERE "ClientId"=@p0 AND "ApplicationType" IS NULL""", clientId) == 1, "client.deleted", clientId, actor));

    /// <summary>Gives a confidential client a new secret: the answer. The old one is refused from now on. Null where the client has none or is not there.</summary>
    public async Task<string?> RotateSecretAsync(string clientId, Actor actor)
    {
        string secret = NewSecret();
        if (await hashing.HashAsync(secret) is not { } hash) throw new StorageUnavailableException("too many secrets wait to be hashed");
        bool done = await ChangeAsync(s => s.Execute("""UPDATE "OpenIddictApplications" SET "ClientSecret"=@p1 WHERE "ClientId"=@p0 AND "ClientSecret" IS NOT NULL AND "ApplicationType" IS NULL""", clientId, hash) == 1,
            "client.secret_rotated", clientId, actor);
        return done ? secret : null;
    }

    /// <summary>Refuses the client from now on, and with it every token it was given. False where it was revoked, or is not there.</summary>
    public Task<bool> RevokeAsync(string clientId, Actor actor) => EndAsync(clientId, () => ChangeAsync(s => Edit(s, clientId, properties =>
        properties.TryAdd(ClientColumns.RevokedAt, clock.GetUtcNow().ToString("O"))), "client.revoked", clientId, actor));

    /// <summary>Lets a revoked client ask for new tokens; the old ones stay dead. False where it was not revoked, or is not there.</summary>
    public async Task<bool> RestoreAsync(string clientId, Actor actor)
    {
        // What a crash left to be done when it was revoked.
        if (Find(clientId) is { IsRevoked: true } client) await EndSessionsAsync(client.Id);
        return await ChangeAsync(s => Edit(s, clientId, properties =>
        {
            if (!properties.Remove(ClientColumns.RevokedAt)) return false;
            properties[ClientColumns.ValidAfter] = TimeOrderedId.ToText(ids.Next());
            return true;
        }), "client.restored", clientId, actor);
    }

    /// <summary>Whether a session may start at <paramref name="client"/>, asked in the transaction that starts it: it may have been revoked since the request came in.</summary>
    public static bool MayStart(Statements s, Client client) =>
        s.First("""SELECT "Properties" FROM "OpenIddictApplications" WHERE "Id"=@p0""", r => Row.TextOrNull(r, 0) ?? "{}", client.Id) is { } properties && !ClientColumns.ReadTexts(properties).ContainsKey(ClientColumns.RevokedAt);

    private async Task<bool> EndAsync(string clientId, Func<Task<bool>> change)
    {
        var client = Find(clientId);
        if (!await change()) return false;
        if (client is not null) await EndSessionsAsync(client.Id);
        return true;
    }

    /// <summary>Writes down that the sessions of a client that was revoked or deleted have ended.</summary>
    // Every token is dead with the commit of the revocation. This follows in batches: others write in between.
    public async Task EndSessionsAsync(long rowId)
    {
        long last = ids.Next();
        while (await database.WriteAsync(s => s.Execute(EndSessionsSql(s), rowId, last, Batch)) == Batch)
        {
        }
    }

    // Written so that it is found by the client, whatever else there is an index for.
    private static string EndSessionsSql(Statements s) => $"""
        UPDATE "OpenIddictAuthorizations" SET "Status"='revoked' WHERE "Id" IN
        (SELECT "Id" FROM "OpenIddictAuthorizations" WHERE {s.Slice("\"ApplicationId\"", "\"Id\"", "@p0", "0", "@p1")} AND ("Status"='valid') IS TRUE ORDER BY "ApplicationId" DESC, "Id" DESC LIMIT @p2)
        """;

    /// <summary>A secret of 43 base64url characters.</summary>
    public static string NewSecret() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private async Task<bool> ChangeAsync(Func<Statements, bool> change, string happened, string clientId, Actor actor)
    {
        bool changed = await database.WriteAsync(s =>
        {
            if (!change(s)) return false;
            s.Execute("""UPDATE "OpenIddictApplications" SET "ConcurrencyToken"=@p1 WHERE "ClientId"=@p0""", clientId, RandomNumberGenerator.GetHexString(32));
            Versions.Bump(s, Name);
            Append(s, happened, actor, clientId);
            return true;
        });
        Reload();
        return changed;
    }

    private void Append(Statements s, string happened, Actor actor, string clientId, string? detail = null) =>
        AuditTrail.Append(s, new AuditEvent(happened, clock.GetUtcNow().UtcDateTime) { Actor = actor.Name, Address = actor.Address, Target = clientId, Detail = detail });

    private static bool Edit(Statements s, string clientId, Func<Dictionary<string, string>, bool> edit)
    {
        if (s.First("""SELECT "Properties" FROM "OpenIddictApplications" WHERE "ClientId"=@p0""", r => Row.TextOrNull(r, 0) ?? "{}", clientId) is not { } json) return false;
        var properties = ClientColumns.ReadTexts(json);
        return edit(properties) && s.Execute("""UPDATE "OpenIddictApplications" SET "Properties"=@p1 WHERE "ClientId"=@p0""", clientId, ClientColumns.Write(properties)) == 1;
    }
}
