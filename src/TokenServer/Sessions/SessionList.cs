using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>The sessions as administrators see them: found by account, client, status and time, and by a part of what people call these
/// (docs/decisions/0039).</summary>
internal sealed class SessionList(Database database, ClientRegistry clients, RevocationIndex revocations)
{
    /// <summary>So many accounts are found by a part of their names; their sessions are those accounts', one by one. Of more than that any
    /// page of the list has some.</summary>
    public const int MostAccounts = 1_000, MostAddresses = 64;
    private const string Table = "OpenIddictAuthorizations";
    private const string Columns = """
        "Id", "ApplicationId", "CreationDate", "Scopes", "Status", "Subject", "Type", "Properties", "Address"
        """;
    private static readonly Slices OfAccount = new(Table, "Subject"), OfClient = new(Table, "ApplicationId", "bigint"),
        OfAddress = new(Table, "Address"), OfStatus = new(Table, "Status");

    /// <summary>At most <paramref name="limit"/> sessions before <paramref name="before"/>, the newest first.</summary>
    public IReadOnlyList<SessionSummary> List(SessionFilter filter, long? before, int limit) => database.Read(s =>
        List(s, filter, Within(filter, Stretch.Newest(before, limit))));

    /// <summary>The sessions for a page, and how many there are; null where to know that would be to walk through the list.</summary>
    public ListRead<SessionSummary> List(SessionFilter filter, PageWanted wanted) => database.Read(s =>
    {
        if (IsWalked(filter))
        {
            var walked = Within(filter, wanted.Stretch).Walk(next => List(s, filter with { Meaning = null }, next),
                session => session.Id, some => some.Where(session => IsMeant(session, filter.Meaning!.Part)));
            return new ListRead<SessionSummary>(walked, wanted.Total(walked.Count, _ => null));
        }
        var (ids, total) = wanted.Look(stretch => Ids(s, filter, Within(filter, stretch)));
        return new ListRead<SessionSummary>(Sessions(s, ids, wanted.Stretch), total);
    });

    /// <summary>What a part of a name means among the sessions; null where nothing was asked for.</summary>
    public SessionMeaning? MeaningOf(NamePart? part) => part is null ? null : database.Read(s => new SessionMeaning(part,
        [.. AccountName.Find(s, part, MostAccounts + 1).Select(id => id.ToString(CultureInfo.InvariantCulture))],
        [.. clients.All.Where(c => IsOf(part, c)).Select(c => c.Id.ToString(CultureInfo.InvariantCulture))],
        part.AddressStart is { } start ? Addresses.Beginning(s, Table, start, MostAddresses + 1) : []));

    // An account has few, of which a client that is meant has many more.
    private static bool IsWalked(SessionFilter filter) => filter.Meaning is { } meaning && (!meaning.IsFew || filter.AccountId is not null);

    private bool IsMeant(SessionSummary session, NamePart part) => session.AccountName is { } name && part.IsOf(name)
        || session.Address is { } address && part.AddressStart is { } start && address.StartsWith(start, StringComparison.Ordinal)
        || clients.FindRow(session.ClientRow) is { } client && IsOf(part, client);

    // An id says when it was made, so a span of time is a span of the key.
    private static Stretch Within(SessionFilter filter, Stretch stretch) => stretch.Within(
        Math.Max(filter.From is { } start ? TimeOrderedId.FirstAt(start) : 0, filter.Id ?? 0),
        Math.Min(filter.To is { } to ? TimeOrderedId.FirstAt(to) : long.MaxValue, filter.Id + 1 ?? long.MaxValue));

    private List<SessionSummary> List(Statements s, SessionFilter filter, Stretch stretch) => Sessions(s, Ids(s, filter, stretch), stretch);

    private List<SessionSummary> Sessions(Statements s, List<long> ids, Stretch stretch)
    {
        if (ids.Count == 0) return [];
        var rows = s.OfIds(Table, Columns, ids, Read);
        var sessions = stretch.Of(rows, row => row.Id);
        var names = AccountName.Of(s, sessions.Select(row => row.AccountId));
        return sessions.ConvertAll(row => row with { AccountName = names.GetValueOrDefault(row.AccountId) });
    }

    private List<long> Ids(Statements s, SessionFilter filter, Stretch stretch)
    {
        // An account has fewer sessions than a client, and a client fewer than there are: the first of these finds them by its index,
        // in order, the others only sort out.
        string? account = filter.AccountId?.ToString(CultureInfo.InvariantCulture), status = filter.Status switch
        {
            SessionSummary.Active => "valid", SessionSummary.Ended => "revoked", _ => null,
        };
        var more = new Conditions();
        more.AddIf("""(a."Status"={0}) IS TRUE""", status);
        if (filter.Meaning is { } found)
        {
            more.AddIf("""(a."ApplicationId"={0}) IS TRUE""", filter.ClientRow);
            return stretch.Of(OfAccount.Ids(s, found.Accounts, stretch, more).Concat(OfClient.Ids(s, found.Clients, stretch, more))
                .Concat(OfAddress.Ids(s, found.Addresses, stretch, more)).Distinct(), id => id);
        }
        if (account is not null) more.AddIf("""(a."ApplicationId"={0}) IS TRUE""", filter.ClientRow);
        if (account is not null) return OfAccount.Ids(s, [account], stretch, more);
        if (filter.ClientRow is { } client) return OfClient.Ids(s, [client.ToString(CultureInfo.InvariantCulture)], stretch, more);
        if (status is not null) return OfStatus.Ids(s, [status], stretch);
        var where = new Conditions();
        where.Add($"""a."Id">={where.Bind(stretch.First)} AND a."Id"<{where.Bind(stretch.End)}""");
        return s.All($"""SELECT a."Id" FROM "{Table}" a {where.Sql} ORDER BY a."Id" {stretch.Order} LIMIT {where.Bind(stretch.Limit)}""",
            r => r.GetInt64(0), where.Values);
    }

    private static bool IsOf(NamePart part, Client client) => part.IsIn(client.ClientId) || part.IsIn(client.Name);

    private SessionSummary Read(DbDataReader r)
    {
        var client = clients.FindRow(r.GetInt64(1));
        bool isActive = r.GetString(4) == "valid" && client?.Vouches(r.GetInt64(0)) == true && !revocations.Contains(r.GetInt64(0));
        return new(r.GetInt64(0), int.Parse(r.GetString(5)), client?.ClientId, ScopeSet.Of(ClientColumns.ReadList(Row.TextOrNull(r, 3))),
            Row.Time(r, 2), isActive ? SessionSummary.Active : SessionSummary.Ended, r.GetString(6) == UserSessions.Permanent)
            {
                DeviceName = SessionProperties.DeviceNameOf(Row.TextOrNull(r, 7)), Address = Row.TextOrNull(r, 8),
                ClientRow = r.GetInt64(1),
            };
    }
}

/// <summary>What a part of a name means among the sessions: whose they are, by whose client, from where.</summary>
internal sealed record SessionMeaning(NamePart Part, IReadOnlyCollection<string> Accounts, IReadOnlyCollection<string> Clients,
    IReadOnlyCollection<string> Addresses)
{
    /// <summary>Whether it is so few that each of them is looked up by itself.</summary>
    public bool IsFew => Accounts.Count <= SessionList.MostAccounts && Addresses.Count <= SessionList.MostAddresses;
}

/// <summary>Which sessions; null is any.</summary>
internal sealed record SessionFilter(int? AccountId = null, long? ClientRow = null, string? Status = null,
    DateTime? From = null, DateTime? To = null, long? Id = null)
{
    /// <summary>What is meant by the part of a name that was asked for.</summary>
    public SessionMeaning? Meaning { get; init; }
}

/// <summary>A session as an administrator sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="ClientId">The client's; null where the client is gone.</param>
/// <param name="Scopes">What was granted.</param>
/// <param name="StartedAt">When, UTC.</param>
/// <param name="Status"><c>active</c> or <c>ended</c>.</param>
/// <param name="IsRefreshable">Whether it has refresh tokens.</param>
internal sealed record SessionSummary(long Id, int AccountId, string? ClientId,
    ScopeSet Scopes, DateTime StartedAt, string Status, bool IsRefreshable)
{
    public const string Active = "active", Ended = "ended";

    /// <summary>What its account is called; null where the account is gone.</summary>
    public AccountName? AccountName { get; init; }

    /// <summary>That account's user name; null where the account is gone.</summary>
    public string? UserName => AccountName?.UserName;

    /// <summary>What the device calls itself that it is on, if it is on one that has a name.</summary>
    public string? DeviceName { get; init; }

    /// <summary>From where it was begun; null where that is not known.</summary>
    public string? Address { get; init; }

    /// <summary>The client's row; it may be gone.</summary>
    public long ClientRow { get; init; }
}
