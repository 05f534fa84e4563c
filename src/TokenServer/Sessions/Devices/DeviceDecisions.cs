using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Telemetry;
using TokenServer.Tokens;

namespace TokenServer.Sessions.Devices;

/// <summary>What people say to devices that ask (RFC 8628 section 3.3, contract section 9). Each device is decided upon once, by one
/// conditional update.</summary>
internal sealed class DeviceDecisions(Database database, ClientRegistry clients, UserCodeHashes hashes, Instruments instruments,
    TimeProvider clock)
{
    private const string DecideSql = """
        UPDATE "OpenIddictTokens" SET "Status"=@p1, "Subject"=@p2, "Properties"=@p3
        WHERE "Id"=@p0 AND "Status"='inactive' AND "ExpirationDate" > @p4
        """;
    private const string SignInSql = """
        SELECT a."CreationDate", a."Properties", u."Role", u."SecurityStamp"
        FROM "OpenIddictAuthorizations" a JOIN "AspNetUsers" u ON u."Id"=CAST(a."Subject" AS INTEGER)
        WHERE a."Id"=@p0 AND a."Subject"=@p1 AND a."Status"='valid' AND u."DisabledAt" IS NULL
        """;

    /// <summary>The device that waits with a user code; null where none does.</summary>
    public WaitingDevice? Find(UserCode code) => database.Read(s => StoredDeviceCode.Find(s, hashes.All(code))) is { } row
        && row.Status == StoredDeviceCode.Waiting && row.IsCurrent(Now) && ClientOf(row) is { } client
            ? new(client, row.Properties.Scopes.Intersect(client.Scopes), row.Properties.DeviceName, row.Properties.Address, row.CreatedAt)
            : null;

    /// <summary>The owner says yes or no, once: the same answer again is the same decision, any other finds nothing.</summary>
    public async Task<DeviceDecision> DecideAsync(Owner owner, UserCode code, bool allow)
    {
        var (decision, isNew) = await database.WriteAsync(s => Decide(s, owner, code, allow));
        if (isNew) instruments.DeviceHappened(allow ? "allowed" : "denied");
        return decision;
    }

    private (DeviceDecision Decision, bool IsNew) Decide(Statements s, Owner owner, UserCode code, bool allow)
    {
        string subject = owner.Actor.Name;
        if (s.First(SignInSql, DecidingSignIn.Read, owner.SessionId, subject) is not { } signIn) return (DeviceDecision.SignedOut, false);
        DateTime now = Now;
        if (StoredDeviceCode.Find(s, hashes.All(code)) is not { } row || !row.IsCurrent(now)
            || ClientOf(row) is not { } client || !ClientRegistry.MayStart(s, client)) return (DeviceDecision.NotThere, false);
        if (row.Status != StoredDeviceCode.Waiting) return (IsSame(row, subject, allow), false);
        if (allow && !AdminRoles.MayHave(signIn.Role, row.Properties.Scopes)) return (DeviceDecision.NotAllowed, false);
        string properties = row.Properties.With(signIn.Methods, signIn.AuthTime, signIn.SecurityStamp).ToJson();
        if (s.Execute(DecideSql, row.Id, allow ? StoredTokens.Valid : StoredDeviceCode.Denied, subject, properties, now) != 1)
            return (DeviceDecision.NotThere, false);
        // Seen at /account/apps, and taken back there with the device's session.
        if (allow) StoredConsents.Widen(s, owner.AccountId, client.Id, row.Properties.Scopes.Intersect(client.Scopes), now);
        AuditTrail.Append(s, new AuditEvent(allow ? "device.allowed" : "device.denied", now, owner.Actor)
            { Target = TimeOrderedId.ToText(row.Id), ClientId = client.ClientId, Detail = $"scope: {row.Properties.Scopes}" });
        return (allow ? DeviceDecision.Allowed : DeviceDecision.Denied, true);
    }

    // A form that was sent twice, or whose answer was lost.
    private static DeviceDecision IsSame(StoredDeviceCode row, string subject, bool allow)
    {
        if (row.Subject != subject) return DeviceDecision.NotThere;
        bool wasAllowed = row.Status is StoredTokens.Valid or StoredTokens.Redeemed;
        return allow && wasAllowed ? DeviceDecision.Allowed
            : !allow && row.Status == StoredDeviceCode.Denied ? DeviceDecision.Denied : DeviceDecision.NotThere;
    }

    private Client? ClientOf(StoredDeviceCode row) =>
        clients.FindRow(row.ApplicationId) is { } client && client.Vouches(row.Id) ? client : null;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private sealed record DecidingSignIn(DateTime AuthTime, string[] Methods, string Role, string? SecurityStamp)
    {
        public static DecidingSignIn Read(DbDataReader r)
        {
            var properties = SessionProperties.Of(Row.TextOrNull(r, 1));
            return new(properties.AuthTime ?? Row.Time(r, 0), properties.Methods, r.GetString(2), Row.TextOrNull(r, 3));
        }
    }
}

/// <summary>A device that waits for a person, as the page shows it.</summary>
/// <param name="Client">The client on it.</param>
/// <param name="Scopes">What it asks for.</param>
/// <param name="Name">What it calls itself, if it does.</param>
/// <param name="Address">From where it asked, if that is known.</param>
/// <param name="AskedAt">When, UTC.</param>
internal sealed record WaitingDevice(Client Client, ScopeSet Scopes, string? Name, string? Address, DateTime AskedAt);

/// <summary>What became of a person's answer. NotThere: no device waits with this code (any more). NotAllowed: the account may not give
/// what is asked for. SignedOut: the browser's session has ended.</summary>
internal enum DeviceDecision { Allowed, Denied, NotThere, NotAllowed, SignedOut }
