using System.Data.Common;
using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.Sessions;

/// <summary>The sessions as administrators see them: the newest first, a page at a time, found by account, client, status and time.</summary>
internal sealed class SessionList(Database database, ClientRegistry clients, RevocationIndex revocations)
{
    private const string Columns = """ a."Id", a."ApplicationId", a."CreationDate", a."Scopes", a."Status", a."Subject", a."Type", u."UserName" """;

    /// <summary>At most <paramref name="limit"/> sessions before <paramref name="before"/>.</summary>
    public IReadOnlyList<SessionSummary> List(SessionFilter filter, long? before, int limit)
    {
        // An id says when it was made, so a span of time is a span of the key.
        var where = new Conditions();
        long? end = filter.To is { } to ? TimeOrderedId.FirstAt(to) : null;
        where.AddIf("""a."Id"<{0}""", before is null || before > end ? end : before);
        where.AddIf("""a."Id">={0}""", filter.From is { } from ? TimeOrderedId.FirstAt(from) : null);
        where.AddIf("""a."Subject"={0}""", filter.AccountId?.ToString());
        where.AddIf("""a."Id"={0}""", filter.Id);
        // An account has fewer sessions than a client, and a client fewer than there are: the first of these finds them by its index, the others only sort out.
        where.AddIf(filter.AccountId is null ? """a."ApplicationId"={0}""" : """(a."ApplicationId"={0}) IS TRUE""", filter.ClientRow);
        where.AddIf(filter.AccountId is null && filter.ClientRow is null ? """a."Status"={0}""" : """(a."Status"={0}) IS TRUE""", filter.Status is { } status ? status == SessionSummary.Active ? "valid" : "revoked" : null);
        string sql = $"""SELECT {Columns} FROM "OpenIddictAuthorizations" a LEFT JOIN "AspNetUsers" u ON u."Id"=CAST(a."Subject" AS INTEGER) {where.Sql} ORDER BY a."Id" DESC LIMIT {where.Bind(limit)}""";
        return database.Read(s => s.All(sql, Read, where.Values));
    }

    private SessionSummary Read(DbDataReader r)
    {
        var client = clients.FindRow(r.GetInt64(1));
        bool isActive = r.GetString(4) == "valid" && client?.Vouches(r.GetInt64(0)) == true && !revocations.Contains(r.GetInt64(0));
        return new(r.GetInt64(0), int.Parse(r.GetString(5)), Row.TextOrNull(r, 7), client?.ClientId, ScopeSet.Of(ClientColumns.ReadList(Row.TextOrNull(r, 3))),
            Row.Time(r, 2), isActive ? SessionSummary.Active : SessionSummary.Ended, r.GetString(6) == UserSessions.Permanent);
    }
}

/// <summary>Which sessions; null is any.</summary>
internal sealed record SessionFilter(int? AccountId = null, long? ClientRow = null, string? Status = null, DateTime? From = null, DateTime? To = null, long? Id = null);

/// <summary>A session as an administrator sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="UserName">That account's user name; null where the account is gone.</param>
/// <param name="ClientId">The client's; null where the client is gone.</param>
/// <param name="Scopes">What was granted.</param>
/// <param name="StartedAt">When, UTC.</param>
/// <param name="Status"><c>active</c> or <c>ended</c>.</param>
/// <param name="IsRefreshable">Whether it has refresh tokens.</param>
internal sealed record SessionSummary(long Id, int AccountId, string? UserName, string? ClientId, ScopeSet Scopes, DateTime StartedAt, string Status, bool IsRefreshable)
{
    public const string Active = "active", Ended = "ended";
}
