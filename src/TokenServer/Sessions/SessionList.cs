using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>The sessions as administrators see them: the newest first, a page at a time, found by account, client,
/// status and time.</summary>
internal sealed class SessionList(Database database, ClientRegistry clients, RevocationIndex revocations)
{
    // The name row by row: for a join PostgreSQL sets up memory for as many rows as it guesses,
    // which of a span of two columns is a quarter of all there are.
    private const string Columns = """
        a."Id", a."ApplicationId", a."CreationDate", a."Scopes", a."Status", a."Subject", a."Type",
        (SELECT u."UserName" FROM "AspNetUsers" u WHERE u."Id"=CAST(a."Subject" AS INTEGER))
        """;

    /// <summary>At most <paramref name="limit"/> sessions before <paramref name="before"/>.</summary>
    public IReadOnlyList<SessionSummary> List(SessionFilter filter, long? before, int limit) => database.Read(s =>
    {
        var (sql, values) = Query(s, filter, before, limit);
        return s.All(sql, Read, values);
    });

    private static (string Sql, object?[] Values) Query(Statements s, SessionFilter filter, long? before, int limit)
    {
        // An id says when it was made, so a span of time is a span of the key.
        long from = filter.From is { } start ? TimeOrderedId.FirstAt(start) : 0,
            end = filter.To is { } to ? TimeOrderedId.FirstAt(to) : long.MaxValue;
        string? status = filter.Status is { } asked ? asked == SessionSummary.Active ? "valid" : "revoked" : null;
        var where = new Conditions();
        string first = where.Bind(from), last = where.Bind(Math.Min(before ?? long.MaxValue, end)), order = """a."Id" DESC""";
        // An account has fewer sessions than a client, and a client fewer than there are: the first of these finds them by its index,
        // in order, the others only sort out.
        object? account = filter.AccountId?.ToString(), client = filter.ClientRow;
        var (column, value) = account is not null ? ("Subject", account)
            : client is not null ? ("ApplicationId", client) : ("Status", (object?)status);
        if (value is null)
        {
            where.Add($"""a."Id">={first} AND a."Id"<{last}""");
        }
        else
        {
            where.Add(s.Slice($"a.\"{column}\"", "a.\"Id\"", where.Bind(value), first, last));
            order = $"""a."{column}" DESC, {order}""";
        }
        where.AddIf("""a."Id"={0}""", filter.Id);
        if (column == "Subject") where.AddIf("""(a."ApplicationId"={0}) IS TRUE""", client);
        if (column != "Status") where.AddIf("""(a."Status"={0}) IS TRUE""", status);
        return ($"""SELECT {Columns} FROM "OpenIddictAuthorizations" a {where.Sql} ORDER BY {order} LIMIT {where.Bind(limit)}""",
            where.Values);
    }

    private SessionSummary Read(DbDataReader r)
    {
        var client = clients.FindRow(r.GetInt64(1));
        bool isActive = r.GetString(4) == "valid" && client?.Vouches(r.GetInt64(0)) == true && !revocations.Contains(r.GetInt64(0));
        return new(r.GetInt64(0), int.Parse(r.GetString(5)), Row.TextOrNull(r, 7), client?.ClientId,
            ScopeSet.Of(ClientColumns.ReadList(Row.TextOrNull(r, 3))),
            Row.Time(r, 2), isActive ? SessionSummary.Active : SessionSummary.Ended, r.GetString(6) == UserSessions.Permanent);
    }
}

/// <summary>Which sessions; null is any.</summary>
internal sealed record SessionFilter(int? AccountId = null, long? ClientRow = null, string? Status = null,
    DateTime? From = null, DateTime? To = null, long? Id = null);

/// <summary>A session as an administrator sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="UserName">That account's user name; null where the account is gone.</param>
/// <param name="ClientId">The client's; null where the client is gone.</param>
/// <param name="Scopes">What was granted.</param>
/// <param name="StartedAt">When, UTC.</param>
/// <param name="Status"><c>active</c> or <c>ended</c>.</param>
/// <param name="IsRefreshable">Whether it has refresh tokens.</param>
internal sealed record SessionSummary(long Id, int AccountId, string? UserName, string? ClientId,
    ScopeSet Scopes, DateTime StartedAt, string Status, bool IsRefreshable)
{
    public const string Active = "active", Ended = "ended";
}
