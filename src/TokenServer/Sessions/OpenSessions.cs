using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>The sessions that go on, as their account sees them.</summary>
internal sealed class OpenSessions(Database database, ClientRegistry clients, RevocationIndex revocations,
    LifetimesOptions lifetimes, TimeProvider clock)
{
    /// <summary>How many are listed; whoever has more has no use for a list.</summary>
    public const int Most = 100;

    // The status joined to nothing, so that a planner takes the index by client:
    // that by status would go through all clients' sessions for each.
    private const string CountSql = """
        SELECT count(*) FROM "OpenIddictAuthorizations"
        WHERE "ApplicationId"=@p0 AND "Id">@p1 AND "Status" || ''='valid' AND ("Type"='permanent' OR "Id">@p2)
        """;
    private const string FindSql = """
        SELECT "Id", "ApplicationId", "CreationDate", "Properties", "Type" FROM "OpenIddictAuthorizations"
        WHERE "Id"=@p0 AND "Subject"=@p1 AND "Status"='valid'
        """;

    /// <summary>At most <see cref="Most"/> sessions of an account, the newest first.</summary>
    public IReadOnlyList<OpenSession> Of(int accountId) =>
        [.. database.Read(s => s.All(ListSql(s), Read, Subject(accountId), 0L, long.MaxValue))
            .OfType<OpenSession>().Where(GoesOn).Take(Most)];

    /// <summary>The account's session of this id; null where it has ended, or is another's.</summary>
    public OpenSession? Find(int accountId, long sessionId) =>
        database.Read(s => s.First(FindSql, Read, sessionId, Subject(accountId))) is { } session && GoesOn(session) ? session : null;

    /// <summary>How many go on, of all accounts.</summary>
    public long Count()
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        return clients.All.Where(c => !c.IsRevoked).Sum(c => database.Read(s => s.All(CountSql, r => r.GetInt64(0), c.Id,
            Math.Max(c.ValidAfter, TimeOrderedId.FirstAt(now - lifetimes.Session)),
            TimeOrderedId.FirstAt(now - AdHocLifetime(c)))).Single());
    }

    private TimeSpan AdHocLifetime(Client client) =>
        client.IsInternal ? lifetimes.SessionToken : client.AccessTokenLifetime ?? lifetimes.AccessToken;

    private bool GoesOn(OpenSession session) =>
        session.EndsAt > clock.GetUtcNow().UtcDateTime && session.Client.Vouches(session.Id) && !revocations.Contains(session.Id);

    // Null where the client is not registered any more.
    private OpenSession? Read(DbDataReader r)
    {
        if (clients.FindRow(r.GetInt64(1)) is not { } client) return null;
        DateTime started = Row.Time(r, 2);
        var lifetime = r.GetString(4) == UserSessions.Permanent ? lifetimes.Session : AdHocLifetime(client);
        var properties = SessionProperties.Of(Row.TextOrNull(r, 3));
        return new OpenSession(r.GetInt64(0), client, started, started + lifetime, properties.Address,
            SignInMethods.AreTwoFactors(properties.Methods))
            { AuthTime = properties.AuthTime ?? started, Methods = properties.Methods, Marks = properties.Marks };
    }

    // An account whose program signs in all day has thousands of short ones that are over and not yet pruned.
    // The status is no condition that an index answers: that by status would go through everybody's sessions.
    private static string ListSql(Statements s) => $"""
        SELECT "Id", "ApplicationId", "CreationDate", "Properties", "Type" FROM "OpenIddictAuthorizations"
        WHERE {s.Slice("\"Subject\"", "\"Id\"", "@p0", "@p1", "@p2")} AND ("Status"='valid') IS TRUE
        ORDER BY "Subject" DESC, "Id" DESC LIMIT 1000
        """;

    private static string Subject(int accountId) => accountId.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A session that goes on.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="Client">The client that has it.</param>
/// <param name="StartedAt">When it began, UTC.</param>
/// <param name="EndsAt">When it is over at the latest, UTC.</param>
/// <param name="Address">From where, if that is known.</param>
/// <param name="HasSecondFactor">Whether it was made with a second factor.</param>
internal sealed record OpenSession(long Id, Client Client, DateTime StartedAt, DateTime EndsAt, string? Address, bool HasSecondFactor)
{
    /// <summary>When the account signed in, UTC: before it began, where it was begun from a browser's sign-in.</summary>
    public DateTime AuthTime { get; init; } = StartedAt;

    /// <summary>How, in the words of RFC 8176 (<c>amr</c>).</summary>
    public string[] Methods { get; init; } = [];

    /// <summary>Whether it was made with a passkey.</summary>
    public bool IsByPasskey => SignInMethods.AreByPasskey(Methods);

    /// <summary>What it is known by to its account.</summary>
    public SessionMarks Marks { get; init; } = SessionMarks.None;

    /// <summary>What the device calls itself that it is on, if it is on one that has a name.</summary>
    public string? DeviceName => Marks.DeviceName;
}
