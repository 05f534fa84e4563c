using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Storage.Rows;
using TokenServer.Telemetry;
using TokenServer.Tokens;

namespace TokenServer.Sessions.Devices;

/// <summary>What a device gets for its device code (RFC 8628 section 3.5): it waits at its pace; then tokens, once.</summary>
internal sealed class DevicePolls(Database database, UserSessions sessions, IPollPace pace, Instruments instruments, TimeProvider clock)
{
    /// <summary>How long a device has to wait between two polls at first, and how much longer after each that came too early.</summary>
    public static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(5), Slower = TimeSpan.FromSeconds(5);

    private const string AccountSql = $"""
        SELECT {AccountSnapshot.Columns} FROM "AspNetUsers" WHERE "Id"=@p0 AND "DisabledAt" IS NULL
        """;
    private const string LinkSql = """UPDATE "OpenIddictTokens" SET "AuthorizationId"=@p1 WHERE "Id"=@p0""";

    /// <summary>Answers a poll.</summary>
    /// <param name="text">The device code as the client sent it.</param>
    /// <param name="client">The client that sent it.</param>
    /// <param name="address">From where.</param>
    /// <param name="keyThumbprint">The key that the session's refresh tokens are to be bound to; null for none.</param>
    /// <param name="canIssue">Whether an access token can be made for these scopes.</param>
    public async Task<DevicePoll> PollAsync(
        string text, Client client, string? address, string? keyThumbprint, Func<ScopeSet, bool> canIssue)
    {
        if (ReferenceToken.Parse(DeviceCodes.Prefix, text) is not { } token
            || database.Read(s => StoredDeviceCode.Find(s, token)) is not { } row
            || row.ApplicationId != client.Id || !client.Vouches(row.Id)) return new DevicePoll.Invalid();
        if (row.Status == StoredDeviceCode.Denied) return new DevicePoll.Denied();
        if (row.Status is not (StoredDeviceCode.Waiting or StoredTokens.Valid)) return new DevicePoll.Invalid();
        if (!row.IsCurrent(Now))
        {
            instruments.DeviceHappened("expired");
            return new DevicePoll.Expired();
        }
        if (row.Status == StoredDeviceCode.Waiting)
            return await pace.TakeAsync(row.Id) ? new DevicePoll.Pending() : new DevicePoll.TooFast();
        var scopes = row.Properties.Scopes.Intersect(client.Scopes);
        return canIssue(scopes) ? await ExchangeAsync(row, client, scopes, (address, keyThumbprint)) : new DevicePoll.TooWide();
    }

    /// <summary>Whether <paramref name="text"/> is a device code of <paramref name="client"/> whose time is not over.</summary>
    public bool Knows(string text, Client client) => ReferenceToken.Parse(DeviceCodes.Prefix, text) is { } token
        && database.Read(s => StoredDeviceCode.Find(s, token)) is { } row && row.ApplicationId == client.Id && row.IsCurrent(Now);

    private async Task<DevicePoll> ExchangeAsync(
        StoredDeviceCode row, Client client, ScopeSet scopes, (string? Address, string? Key) caller)
    {
        var answer = await database.WriteAsync(s => Exchange(s, row, client, scopes, caller));
        if (answer is DevicePoll.Granted) instruments.DeviceHappened("signed_in");
        return answer;
    }

    // Between the person's yes and now the account may have been disabled or got another password, and the client may be revoked.
    private DevicePoll Exchange(
        Statements s, StoredDeviceCode row, Client client, ScopeSet scopes, (string? Address, string? Key) caller)
    {
        if (s.First(AccountSql, AccountSnapshot.Read, int.Parse(row.Subject!, CultureInfo.InvariantCulture)) is not { } account
            || (account.SecurityStamp ?? "") != row.Properties.SecurityStamp
            || !AdminRoles.MayHave(account.Role, scopes)) return new DevicePoll.Denied();
        if (!ClientRegistry.MayStart(s, client) || !StoredTokens.Leave(s, row.Id, StoredTokens.Redeemed, Now))
            return new DevicePoll.Invalid();
        // Signing out of the browser, often somebody else's, is no wish to sign the device out: its session stands by itself.
        var started = sessions.Start(s, account, client, scopes, row.Properties.Methods, scopes.Contains(ScopeSet.OfflineAccess),
            caller.Address, authTime: row.Properties.AuthTime, keyThumbprint: caller.Key,
            marks: new() { DeviceName = row.Properties.DeviceName });
        s.Execute(LinkSql, row.Id, started.Session.Id);
        return new DevicePoll.Granted(started);
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}

/// <summary>What became of a poll.</summary>
internal abstract record DevicePoll
{
    /// <summary>Nobody has decided yet.</summary>
    internal sealed record Pending : DevicePoll;

    /// <summary>The same, and it came too early: from now on it has to wait longer.</summary>
    internal sealed record TooFast : DevicePoll;

    /// <summary>A person has denied; or has allowed, and what was allowed is gone since.</summary>
    internal sealed record Denied : DevicePoll;

    /// <summary>Nobody decided in time, or the device came too late for it.</summary>
    internal sealed record Expired : DevicePoll;

    /// <summary>The device code is unknown, used, revoked, or another client's.</summary>
    internal sealed record Invalid : DevicePoll;

    /// <summary>There are more scopes than an access token can hold; the code is as it was.</summary>
    internal sealed record TooWide : DevicePoll;

    /// <summary>Allowed: the session has begun.</summary>
    internal sealed record Granted(StartedSession Started) : DevicePoll;
}
