using TokenServer.Audit;
using TokenServer.Protection;
using TokenServer.Storage;

namespace TokenServer.Clients;

/// <summary>Registers, changes and ends clients, each change and its audit entry in one transaction; every change reaches every process
/// within a second.</summary>
internal sealed class ClientRegistry(
    KnownClients known, ClientRows rows, ClientSessions sessions, Database database, PasswordHashing hashing, TimeProvider clock)
{
    public IEnumerable<Client> All => known.All;

    /// <summary>Those that somebody registered: not the server's own.</summary>
    public IEnumerable<Client> Registered => known.All.Where(c => !c.IsInternal);

    public Client? Find(string clientId) => known.Find(clientId);

    /// <summary>The client, if somebody registered it.</summary>
    public Client? FindRegistered(string clientId) => Find(clientId) is { IsInternal: false } client ? client : null;
    public Client? FindRow(long id) => known.FindRow(id);
    public void Reload() => known.Reload();

    /// <summary>Stores a registration, new or changed, in the caller's transaction.
    /// The secret stays as it is where <paramref name="secretHash"/> is null.</summary>
    public void Save(Statements s, ClientRegistration registration, string? secretHash) => rows.Save(s, registration, secretHash);

    /// <inheritdoc cref="ClientRows.ProblemOf"/>
    public string? ProblemOf(ClientRegistration registration, Coming coming) => rows.ProblemOf(registration, coming);

    /// <inheritdoc cref="ClientRows.FormProblemOf"/>
    public string? FormProblemOf(ClientRegistration registration) => rows.FormProblemOf(registration);

    /// <summary>Registers a client.</summary>
    /// <returns>Null, or what is wrong with the registration.</returns>
    public async Task<string?> AddAsync(ClientRegistration registration, Actor actor)
    {
        if (ProblemOf(registration, Coming.Nothing) is { } problem) return problem;
        string? hash = registration.ClientSecret is { } secret ? await hashing.HashAsync(secret) : null;
        if (registration.ClientSecret is not null && hash is null) return "too many secrets wait to be hashed";
        string? refused = await database.WriteAsync(s =>
        {
            if (s.First("""SELECT 1 FROM "OpenIddictApplications" WHERE "ClientId"=@p0""", _ => "", registration.ClientId) is not null)
                return "client_id is taken";
            if (GoneScope(s, registration) is { } gone) return gone;
            Save(s, registration, hash);
            Append(s, "client.added", actor, registration.ClientId!, $"scope: {registration.Scope}");
            return null;
        });
        Reload();
        return refused;
    }

    /// <summary>Changes a client's registration; it stays public, or confidential with its secret.</summary>
    /// <param name="clientId">Which client.</param>
    /// <param name="isExpected">Whether its <see cref="Clients.Client.Version"/> is one that the caller takes.</param>
    /// <param name="change">The registration as it is → as it shall be.</param>
    /// <param name="actor">Who does it.</param>
    public async Task<Changed<Client>> UpdateAsync(string clientId, Func<string, bool> isExpected,
        Func<ClientRegistration, ClientRegistration> change, Actor actor)
    {
        var refused = await database.WriteAsync(s =>
        {
            if (KnownClients.Find(s, clientId) is not { } client) return ChangeRefused.NotThere;
            if (!isExpected(client.Version)) return ChangeRefused.Stale;
            var (before, wanted) = (ClientRegistration.Of(client), change(ClientRegistration.Of(client)));
            wanted.ConsentType ??= ClientRegistration.DefaultConsent;
            if ((ProblemOf(wanted, Coming.Nothing) ?? KindProblem(client, wanted) ?? GoneScope(s, wanted)) is { } problem)
                return new ChangeRefused(problem);
            Save(s, wanted, secretHash: null);
            Append(s, "client.changed", actor, clientId, wanted.Difference(before));
            return null;
        });
        Reload();
        return refused is null ? Find(clientId)! : refused;
    }

    private static string? KindProblem(Client client, ClientRegistration wanted) => client.IsPublic == wanted.IsPublic ? null
        : "token_endpoint_auth_method cannot make a public client confidential, nor the other way round";

    // What is known in memory may be a second old: a scope that is deleted meanwhile would be given by whoever registers its name again.
    private static string? GoneScope(Statements s, ClientRegistration registration) =>
        ScopeSet.Parse(registration.Scope).FirstOrDefault(name => !ScopeRegistry.IsBuiltIn(name) && ScopeRegistry.Find(s, name) is null)
            is { } gone ? $"scope has {gone}, which is not registered" : null;

    /// <summary>Deletes a client; every token it was given is dead. False where there is none.</summary>
    public Task<bool> DeleteAsync(string clientId, Actor actor) => EndAsync(clientId, () =>
        ChangeAsync(s => s.Execute($"""DELETE FROM "OpenIddictApplications" WHERE "ClientId"=@p0 AND {ClientColumns.IsRegistered}""",
            clientId) == 1, "client.deleted", clientId, actor));

    /// <summary>Gives a confidential client a new secret, or its first beside its keys: the answer. The one from before that is refused
    /// from now on, and so is the old one unless it is kept. Null where the client is public or not there.</summary>
    /// <param name="clientId">Which client.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="keepOldFor">How long the old one is taken too, <see cref="OldSecret.Longest"/> at most; not at all where null.</param>
    public async Task<string?> RotateSecretAsync(string clientId, Actor actor, TimeSpan? keepOldFor = null)
    {
        if (keepOldFor is { } wanted && !OldSecret.MayGoOnFor(wanted))
            throw new ArgumentOutOfRangeException(nameof(keepOldFor), OldSecret.TooLong);
        string secret = NewSecret();
        if (await hashing.HashAsync(secret) is not { } hash) throw new StorageUnavailableException("too many secrets wait to be hashed");
        OldSecret? old = null;
        bool done = await ChangeAsync(s =>
        {
            if (KnownClients.Find(s, clientId) is not { IsPublic: false } client) return false;
            old = client.SecretHash is { } before && keepOldFor is { } time && time > TimeSpan.Zero
                ? new(before, clock.GetUtcNow().UtcDateTime + time) : null;
            return Edit(s, clientId, properties =>
            {
                properties.Remove(ClientColumns.OldSecret);
                if (old is not null) properties[ClientColumns.OldSecret] = old.Write(hash);
                return true;
            }) && s.Execute("""UPDATE "OpenIddictApplications" SET "ClientSecret"=@p1 WHERE "ClientId"=@p0""", clientId, hash) == 1;
        }, "client.secret_rotated", clientId, actor, () => old is null ? null : $"old_secret_until: {old.EndText}");
        return done ? secret : null;
    }

    /// <summary>Refuses a client's old secret from now on. False where it has none that is taken.</summary>
    public Task<bool> EndOldSecretAsync(string clientId, Actor actor) => ChangeAsync(s =>
        KnownClients.Find(s, clientId) is { OldSecret: { } old } && old.IsAlive(clock.GetUtcNow().UtcDateTime)
        && Edit(s, clientId, properties => properties.Remove(ClientColumns.OldSecret)), "client.old_secret_ended", clientId, actor);

    /// <summary>Refuses the client from now on, and with it every token it was given. False where it was revoked,
    /// or nobody registered it.</summary>
    public Task<bool> RevokeAsync(string clientId, Actor actor) => EndAsync(clientId, () => ChangeAsync(s =>
        KnownClients.Find(s, clientId) is not null && Edit(s, clientId, properties =>
            properties.TryAdd(ClientColumns.RevokedAt, Json(clock.GetUtcNow().ToString("O")))), "client.revoked", clientId, actor));

    /// <summary>Lets a revoked client ask for new tokens; the old ones stay dead. False where it was not revoked,
    /// or is not there.</summary>
    public async Task<bool> RestoreAsync(string clientId, Actor actor)
    {
        // What a crash left to be done when it was revoked.
        if (Find(clientId) is { IsRevoked: true } client) await sessions.EndAsync(client.Id);
        return await ChangeAsync(s => Edit(s, clientId, properties =>
        {
            if (!properties.Remove(ClientColumns.RevokedAt)) return false;
            properties[ClientColumns.ValidAfter] = Json(TimeOrderedId.ToText(rows.NextId()));
            return true;
        }), "client.restored", clientId, actor);
    }

    /// <summary>Whether a session may start at <paramref name="client"/>, asked in the transaction that starts it:
    /// it may have been revoked since the request came in.</summary>
    public static bool MayStart(Statements s, Client client) =>
        s.First("""SELECT "Properties" FROM "OpenIddictApplications" WHERE "Id"=@p0""", r => Row.TextOrNull(r, 0) ?? "{}",
            client.Id) is { } properties
        && !StoredJson.ReadValues(properties).ContainsKey(ClientColumns.RevokedAt);

    private async Task<bool> EndAsync(string clientId, Func<Task<bool>> change)
    {
        var client = Find(clientId);
        if (!await change()) return false;
        if (client is not null) await sessions.EndAsync(client.Id);
        return true;
    }

    /// <summary>A secret of 43 base64url characters.</summary>
    public static string NewSecret() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private async Task<bool> ChangeAsync(
        Func<Statements, bool> change, string happened, string clientId, Actor actor, Func<string?>? detail = null)
    {
        bool changed = await database.WriteAsync(s =>
        {
            if (!change(s)) return false;
            s.Execute("""UPDATE "OpenIddictApplications" SET "ConcurrencyToken"=@p1 WHERE "ClientId"=@p0""",
                clientId, RandomNumberGenerator.GetHexString(32));
            Append(s, happened, actor, clientId, detail?.Invoke());
            return true;
        });
        Reload();
        return changed;
    }

    private void Append(Statements s, string happened, Actor actor, string clientId, string? detail = null) =>
        AuditTrail.Append(s, new AuditEvent(happened, clock.GetUtcNow().UtcDateTime, actor)
            { Target = clientId, ClientId = clientId, Detail = detail });

    private static bool Edit(Statements s, string clientId, Func<Dictionary<string, JsonElement>, bool> edit)
    {
        if (s.First("""SELECT "Properties" FROM "OpenIddictApplications" WHERE "ClientId"=@p0""",
            r => Row.TextOrNull(r, 0) ?? "{}", clientId) is not { } json) return false;
        var properties = new Dictionary<string, JsonElement>(StoredJson.ReadValues(json));
        return edit(properties) && s.Execute("""UPDATE "OpenIddictApplications" SET "Properties"=@p1 WHERE "ClientId"=@p0""",
            clientId, JsonSerializer.Serialize(properties, StorageJson.Default.DictionaryStringJsonElement)) == 1;
    }

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text, StorageJson.Default.String);
}
