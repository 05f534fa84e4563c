using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OpenIddict.EntityFrameworkCore;
using TokenServer.Tokens;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Sessions;

/// <summary>The stored tokens as OpenIddict asks for them, its own entries (codes, device codes, pushed requests) and ours, by prepared
/// statements (docs/decisions/0020). A token that has left the valid ones never comes back. What reads or writes only the entity is its own
/// store's.</summary>
internal sealed class TokenStore(
    UserSessions sessions, Database database, TimeOrderedId ids, TimeProvider clock, IMemoryCache cache,
        IOptionsMonitor<OpenIddictEntityFrameworkCoreOptions> options)
    : OpenIddictEntityFrameworkCoreTokenStore<TokenRow, ApplicationRow, AuthorizationRow, long>(cache, new NoSharedContext(), options)
{
    private const int Batch = 200;
    private const string SelectSql = """
        SELECT "Id", "ApplicationId", "AuthorizationId", "ConcurrencyToken", "CreationDate", "ExpirationDate", "Payload", "Properties",
            "RedemptionDate", "ReferenceId", "Status", "Subject", "Type"
        FROM "OpenIddictTokens" WHERE
        """;
    private const string ById = SelectSql + """ "Id"=@p0""", ByReference = SelectSql + """ "ReferenceId"=@p0""";
    private const string InsertSql = """
        INSERT INTO "OpenIddictTokens" ("Id", "ApplicationId", "AuthorizationId", "ConcurrencyToken", "CreationDate", "ExpirationDate",
            "Payload", "Properties", "RedemptionDate", "ReferenceId", "Status", "Subject", "Type")
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12)
        """;
    private const string UpdateSql = """
        UPDATE "OpenIddictTokens" SET "ApplicationId"=@p1, "AuthorizationId"=@p2, "ConcurrencyToken"=@p3, "CreationDate"=@p4,
            "ExpirationDate"=@p5, "Payload"=@p6, "Properties"=@p7, "RedemptionDate"=@p8, "ReferenceId"=@p9, "Status"=@p10,
            "Subject"=@p11, "Type"=@p12
        WHERE "Id"=@p0 AND COALESCE("ConcurrencyToken", '')=@p13 AND ("Status" IN ('valid', 'inactive') OR "Status"=@p10 OR @p10='revoked')
        """;
    private const string DeleteSql = """DELETE FROM "OpenIddictTokens" WHERE "Id"=@p0 AND COALESCE("ConcurrencyToken", '')=@p1""";
    private const string PruneSql = """
        DELETE FROM "OpenIddictTokens" WHERE "Id" IN
        (SELECT "Id" FROM "OpenIddictTokens" WHERE "Type"=@p0 AND "ExpirationDate" < @p1 AND "CreationDate" < @p2
        ORDER BY "ExpirationDate" LIMIT @p3)
        """;

    public override ValueTask<long> CountAsync(CancellationToken ct) => CountAsync(rows => rows, ct);
    public override ValueTask<long> CountAsync<TResult>(Func<IQueryable<TokenRow>, IQueryable<TResult>> query, CancellationToken ct) =>
        new(database.Query<TokenRow, long>(rows => query(rows).LongCount()));

    public override ValueTask<TResult?> GetAsync<TState, TResult>(Func<IQueryable<TokenRow>, TState, IQueryable<TResult>> query,
        TState state, CancellationToken ct) where TResult : default =>
        new(database.Query<TokenRow, TResult?>(rows => query(rows, state).FirstOrDefault()));

    public override IAsyncEnumerable<TokenRow> ListAsync(int? count, int? offset, CancellationToken ct) =>
        database.List<TokenRow, TokenRow>(rows => rows.OrderBy(a => a.Id).Part(count, offset));
    public override IAsyncEnumerable<TResult> ListAsync<TState, TResult>(
        Func<IQueryable<TokenRow>, TState, IQueryable<TResult>> query, TState state, CancellationToken ct) =>
        database.List<TokenRow, TResult>(rows => query(rows, state));

    public override IAsyncEnumerable<TokenRow> FindAsync(
        string? subject, string? client, string? status, string? type, CancellationToken ct) =>
        database.List<TokenRow, TokenRow>(rows => Matching(rows, subject, client, status, type));

    public override IAsyncEnumerable<TokenRow> FindByApplicationIdAsync(string identifier, CancellationToken ct) =>
        FindAsync(null, identifier, null, null, ct);

    public override IAsyncEnumerable<TokenRow> FindBySubjectAsync(string subject, CancellationToken ct) =>
        FindAsync(subject, null, null, null, ct);

    public override IAsyncEnumerable<TokenRow> FindByAuthorizationIdAsync(string identifier, CancellationToken ct)
    {
        long? id = RowId.Parse(identifier);
        return database.List<TokenRow, TokenRow>(rows => rows.Where(t => t.AuthorizationId == id));
    }

    public override ValueTask<TokenRow?> FindByIdAsync(string identifier, CancellationToken ct) =>
        new(RowId.Parse(identifier) is { } id ? database.Read(s => s.First(ById, Of, id)) : null);

    public override ValueTask<TokenRow?> FindByReferenceIdAsync(string identifier, CancellationToken ct) =>
        new(database.Read(s => s.First(ByReference, Of, identifier)));

    public override ValueTask<string?> GetApplicationIdAsync(TokenRow token, CancellationToken ct) => new(RowId.Text(token.ApplicationId));

    public override ValueTask<string?> GetAuthorizationIdAsync(TokenRow token, CancellationToken ct) =>
        new(RowId.Text(token.AuthorizationId));

    /// <summary>Read each time: no two tokens have the same, so that remembering them would only fill memory.</summary>
    public override ValueTask<ImmutableDictionary<string, JsonElement>> GetPropertiesAsync(TokenRow token, CancellationToken ct) =>
        new(StoredJson.ReadValues(token.Properties));

    public override ValueTask SetApplicationIdAsync(TokenRow token, string? identifier, CancellationToken ct)
    {
        token.ApplicationId = RowId.Parse(identifier);
        return ValueTask.CompletedTask;
    }

    public override ValueTask SetAuthorizationIdAsync(TokenRow token, string? identifier, CancellationToken ct)
    {
        token.AuthorizationId = RowId.Parse(identifier);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask CreateAsync(TokenRow token, CancellationToken ct)
    {
        if (token.Id == 0) token.Id = ids.Next();
        await database.WriteBesideAsync(s => s.Execute(InsertSql, Values(token, token.ConcurrencyToken)));
    }

    public override async ValueTask UpdateAsync(TokenRow token, CancellationToken ct)
    {
        string next = RandomNumberGenerator.GetHexString(32);
        int changed = await database.WriteBesideAsync(s => s.Execute(
            UpdateSql, [.. Values(token, next), token.ConcurrencyToken ?? ""]));
        if (changed == 0) throw EntityRows.Lost();
        token.ConcurrencyToken = next;
    }

    public override async ValueTask DeleteAsync(TokenRow token, CancellationToken ct)
    {
        int deleted = await database.WriteBesideAsync(s => s.Execute(DeleteSql, token.Id, token.ConcurrencyToken ?? ""));
        if (deleted == 0) throw EntityRows.Lost();
    }

    /// <summary>Deletes what has expired, but refresh tokens: they go with their session, when the schedule prunes.</summary>
    public override async ValueTask<long> PruneAsync(DateTimeOffset threshold, CancellationToken ct)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime, before = threshold.UtcDateTime;
        long deleted = 0;
        foreach (string type in StoredTokens.ShortLived)
            deleted += await database.InBatchesAsync(s => s.Execute(PruneSql, type, now, before, Batch), Batch, ct);
        return deleted;
    }

    public override async ValueTask<long> RevokeAsync(
        string? subject, string? client, string? status, string? type, CancellationToken ct) =>
        await RevokeAsync(rows => Matching(rows, subject, client, status, type));

    public override async ValueTask<long> RevokeByApplicationIdAsync(string identifier, CancellationToken ct) =>
        await RevokeAsync(rows => Matching(rows, null, identifier, null, null));

    public override async ValueTask<long> RevokeBySubjectAsync(string subject, CancellationToken ct) =>
        await RevokeAsync(rows => Matching(rows, subject, null, null, null));

    /// <summary>Ends the session, and with it all its tokens, those without a row too; 1, or 0 where it had ended.</summary>
    public override async ValueTask<long> RevokeByAuthorizationIdAsync(string identifier, CancellationToken ct)
    {
        if (RowId.Parse(identifier) is not { } id) return 0;
        var ended = await database.WriteAsync(s => sessions.End(s, id));
        sessions.Bury(ended, "session.ended");
        return ended.Count > 0 ? 1 : 0;
    }

    public override string? ConvertIdentifierToString(long identifier) => RowId.Text(identifier);

    private Task<int> RevokeAsync(Func<IQueryable<TokenRow>, IQueryable<TokenRow>> which) => database.WriteAsync(s =>
    {
        using var context = s.Context();
        return which(context.Tokens).Where(t => t.Status != StoredTokens.Revoked).ExecuteUpdate(
            t => t.SetProperty(r => r.Status, StoredTokens.Revoked));
    });

    private static IQueryable<TokenRow> Matching(IQueryable<TokenRow> rows, string? subject, string? client, string? status, string? type)
    {
        if (!string.IsNullOrEmpty(subject)) rows = rows.Where(t => t.Subject == subject);
        if (!string.IsNullOrEmpty(client) && RowId.Parse(client) is var id) rows = rows.Where(t => t.ApplicationId == id);
        if (!string.IsNullOrEmpty(status)) rows = rows.Where(t => t.Status == status);
        return string.IsNullOrEmpty(type) ? rows : rows.Where(t => t.Type == type);
    }

    private static object?[] Values(TokenRow t, string? concurrencyToken) => [t.Id, t.ApplicationId, t.AuthorizationId, concurrencyToken,
        t.CreationDate, t.ExpirationDate, t.Payload, t.Properties, t.RedemptionDate, t.ReferenceId, t.Status, t.Subject, t.Type];

    private static TokenRow Of(DbDataReader r) => new()
    {
        Id = r.GetInt64(0), ApplicationId = Row.LongOrNull(r, 1), AuthorizationId = Row.LongOrNull(r, 2),
        ConcurrencyToken = Row.TextOrNull(r, 3), CreationDate = Row.TimeOrNull(r, 4), ExpirationDate = Row.TimeOrNull(r, 5),
        Payload = Row.TextOrNull(r, 6), Properties = Row.TextOrNull(r, 7), RedemptionDate = Row.TimeOrNull(r, 8),
        ReferenceId = Row.TextOrNull(r, 9), Status = Row.TextOrNull(r, 10), Subject = Row.TextOrNull(r, 11), Type = Row.TextOrNull(r, 12),
    };
}
