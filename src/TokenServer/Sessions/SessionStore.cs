using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OpenIddict.EntityFrameworkCore;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Sessions;

/// <summary>The sessions as OpenIddict asks for them, by prepared statements; one that it revokes ends as every other
/// (docs/decisions/0020). What reads or writes only the entity is its own store's.</summary>
internal sealed class SessionStore(
    UserSessions sessions, Database database, TimeOrderedId ids, TimeProvider clock, IMemoryCache cache,
        IOptionsMonitor<OpenIddictEntityFrameworkCoreOptions> options)
    : OpenIddictEntityFrameworkCoreAuthorizationStore<AuthorizationRow, ApplicationRow, TokenRow, long>(
        cache, new NoSharedContext(), options)
{
    private const int Batch = 200;
    private const string SelectSql = """
        SELECT "Id", "ApplicationId", "ConcurrencyToken", "CreationDate", "Properties", "Scopes", "Status", "Subject", "Type", "SignInId"
        FROM "OpenIddictAuthorizations" WHERE "Id"=@p0
        """;
    private const string InsertSql = """
        INSERT INTO "OpenIddictAuthorizations"
            ("Id", "ApplicationId", "ConcurrencyToken", "CreationDate", "Properties", "Scopes", "Status", "Subject", "Type", "SignInId")
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9)
        """;
    private const string UpdateSql = """
        UPDATE "OpenIddictAuthorizations" SET "ApplicationId"=@p1, "ConcurrencyToken"=@p2, "CreationDate"=@p3, "Properties"=@p4,
            "Scopes"=@p5, "Status"=@p6, "Subject"=@p7, "Type"=@p8
        WHERE "Id"=@p0 AND COALESCE("ConcurrencyToken", '')=@p9 AND ("Status" IN ('valid', 'inactive') OR "Status"=@p6)
        """;
    private const string DeleteSql = """DELETE FROM "OpenIddictAuthorizations" WHERE "Id"=@p0 AND COALESCE("ConcurrencyToken", '')=@p1""";
    private const string PruneSql = """
        DELETE FROM "OpenIddictAuthorizations" WHERE "Id" IN
        (SELECT "Id" FROM "OpenIddictAuthorizations" WHERE "Type"='ad-hoc' AND "CreationDate" < @p0 ORDER BY "CreationDate" LIMIT @p1)
        """;

    public override ValueTask<long> CountAsync(CancellationToken ct) => CountAsync(rows => rows, ct);
    public override ValueTask<long> CountAsync<TResult>(
        Func<IQueryable<AuthorizationRow>, IQueryable<TResult>> query, CancellationToken ct) =>
        new(database.Query<AuthorizationRow, long>(rows => query(rows).LongCount()));

    public override ValueTask<TResult?> GetAsync<TState, TResult>(Func<IQueryable<AuthorizationRow>, TState, IQueryable<TResult>> query,
        TState state, CancellationToken ct) where TResult : default =>
        new(database.Query<AuthorizationRow, TResult?>(rows => query(rows, state).FirstOrDefault()));

    public override IAsyncEnumerable<AuthorizationRow> ListAsync(int? count, int? offset, CancellationToken ct) =>
        database.List<AuthorizationRow, AuthorizationRow>(rows => rows.OrderBy(a => a.Id).Part(count, offset));
    public override IAsyncEnumerable<TResult> ListAsync<TState, TResult>(
        Func<IQueryable<AuthorizationRow>, TState, IQueryable<TResult>> query, TState state, CancellationToken ct) =>
        database.List<AuthorizationRow, TResult>(rows => query(rows, state));

    public override IAsyncEnumerable<AuthorizationRow> FindAsync(
        string? subject, string? client, string? status, string? type, ImmutableArray<string>? scopes, CancellationToken ct)
    {
        var found = database.List<AuthorizationRow, AuthorizationRow>(rows => Matching(rows, subject, client, status, type));
        return scopes is { } asked ? found.Where(a => asked.All(StoredJson.ReadList(a.Scopes).Contains)) : found;
    }

    public override IAsyncEnumerable<AuthorizationRow> FindByApplicationIdAsync(string identifier, CancellationToken ct) =>
        FindAsync(null, identifier, null, null, null, ct);

    public override IAsyncEnumerable<AuthorizationRow> FindBySubjectAsync(string subject, CancellationToken ct) =>
        FindAsync(subject, null, null, null, null, ct);

    public override ValueTask<AuthorizationRow?> FindByIdAsync(string identifier, CancellationToken ct) =>
        new(RowId.Parse(identifier) is { } id ? database.Read(s => s.First(SelectSql, Of, id)) : null);

    public override ValueTask<string?> GetApplicationIdAsync(AuthorizationRow authorization, CancellationToken ct) =>
        new(RowId.Text(authorization.ApplicationId));

    public override ValueTask SetApplicationIdAsync(AuthorizationRow authorization, string? identifier, CancellationToken ct)
    {
        authorization.ApplicationId = RowId.Parse(identifier);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask CreateAsync(AuthorizationRow authorization, CancellationToken ct)
    {
        if (authorization.Id == 0) authorization.Id = ids.Next();
        await database.WriteBesideAsync(s => s.Execute(InsertSql, authorization.Id, authorization.ApplicationId,
            authorization.ConcurrencyToken,
            authorization.CreationDate, authorization.Properties, authorization.Scopes, authorization.Status, authorization.Subject,
            authorization.Type, authorization.SignInId));
    }

    public override async ValueTask UpdateAsync(AuthorizationRow authorization, CancellationToken ct)
    {
        bool ends = authorization.Status == "revoked";
        string seen = authorization.ConcurrencyToken ?? "", next = ends ? UserSessions.Noted : RandomNumberGenerator.GetHexString(32);
        var ended = await database.WriteAsync(s =>
        {
            var ended = ends ? EndIfAsSeen(s, authorization.Id, seen) : [];
            if (Update(s, authorization, next, ended.Count > 0 ? UserSessions.Noted : seen) == 0) throw EntityRows.Lost();
            return ended;
        });
        authorization.ConcurrencyToken = next;
        sessions.Bury(ended, "session.ended");
    }

    /// <summary>Deletes it; what was given out in it is dead.</summary>
    public override async ValueTask DeleteAsync(AuthorizationRow authorization, CancellationToken ct)
    {
        var ended = await database.WriteAsync(s =>
        {
            string seen = authorization.ConcurrencyToken ?? "";
            var ended = EndIfAsSeen(s, authorization.Id, seen);
            if (s.Execute(DeleteSql, authorization.Id, ended.Count > 0 ? UserSessions.Noted : seen) == 0) throw EntityRows.Lost();
            return ended;
        });
        sessions.Bury(ended, "session.ended");
    }

    /// <summary>Deletes ad-hoc ones that no token can be alive of; the others go with their last refresh token, when the schedule
    /// prunes.</summary>
    public override async ValueTask<long> PruneAsync(DateTimeOffset threshold, CancellationToken ct)
    {
        DateTime outlived = clock.GetUtcNow().UtcDateTime - LifetimesOptions.LongestAccessToken,
            before = threshold.UtcDateTime < outlived ? threshold.UtcDateTime : outlived;
        return await database.InBatchesAsync(s => s.Execute(PruneSql, before, Batch), Batch, ct);
    }

    public override async ValueTask<long> RevokeAsync(string? subject, string? client, string? status, string? type, CancellationToken ct)
    {
        // Only what goes on can end.
        if (status is not (null or "" or "valid")) return 0;
        var going = database.Query<AuthorizationRow, List<long>>(
            rows => [.. Matching(rows, subject, client, "valid", type).Select(a => a.Id)]);
        long count = 0;
        foreach (long[] part in going.Chunk(Batch))
        {
            ct.ThrowIfCancellationRequested();
            var ended = await database.WriteAsync(s => part.SelectMany(id => sessions.End(s, id)).ToList());
            sessions.Bury(ended, "session.ended");
            count += ended.Intersect(part).Count();
        }
        return count;
    }

    public override ValueTask<long> RevokeByApplicationIdAsync(string identifier, CancellationToken ct) =>
        RevokeAsync(null, identifier, null, null, ct);

    public override ValueTask<long> RevokeBySubjectAsync(string subject, CancellationToken ct) =>
        RevokeAsync(subject, null, null, null, ct);

    public override string? ConvertIdentifierToString(long identifier) => RowId.Text(identifier);

    private IReadOnlyList<long> EndIfAsSeen(Statements s, long id, string seen) =>
        s.First(SelectSql, Of, id) is { } row && (row.ConcurrencyToken ?? "") == seen ? sessions.End(s, id) : [];

    private static int Update(Statements s, AuthorizationRow row, string next, string seen) => s.Execute(UpdateSql,
        row.Id, row.ApplicationId, next, row.CreationDate, row.Properties, row.Scopes, row.Status, row.Subject, row.Type, seen);

    private static IQueryable<AuthorizationRow> Matching(
        IQueryable<AuthorizationRow> rows, string? subject, string? client, string? status, string? type)
    {
        if (!string.IsNullOrEmpty(subject)) rows = rows.Where(a => a.Subject == subject);
        if (!string.IsNullOrEmpty(client) && RowId.Parse(client) is var id) rows = rows.Where(a => a.ApplicationId == id);
        if (!string.IsNullOrEmpty(status)) rows = rows.Where(a => a.Status == status);
        return string.IsNullOrEmpty(type) ? rows : rows.Where(a => a.Type == type);
    }

    private static AuthorizationRow Of(DbDataReader r) => new()
    {
        Id = r.GetInt64(0), ApplicationId = Row.LongOrNull(r, 1), ConcurrencyToken = Row.TextOrNull(r, 2),
        CreationDate = Row.TimeOrNull(r, 3), Properties = Row.TextOrNull(r, 4), Scopes = Row.TextOrNull(r, 5),
        Status = Row.TextOrNull(r, 6), Subject = Row.TextOrNull(r, 7), Type = Row.TextOrNull(r, 8),
        SignInId = Row.LongOrNull(r, 9),
    };
}
