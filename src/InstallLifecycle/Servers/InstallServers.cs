using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tokens;

namespace InstallLifecycle.Servers;

/// <summary>The servers' table: registered between activate and confirm, checking in afterwards, revoked in the end.</summary>
internal sealed class InstallServers(IInstallStorage storage, InstallKeys keys,
    InstallTokens tokens, IInstallClients clients, TimeProvider clock)
{
    /// <summary>The error of who registers without end.</summary>
    public const string RateLimited = "rate_limit_exceeded";

    // A lost answer is repeated a few times; more than that is somebody who fills the audit trail.
    private const int MostRegistrations = 200, RecordedRegistrations = 3;

    /// <summary>Registers the server of an activation, or gives it a new token; the old one is dead.</summary>
    public async Task<Registration> RegisterAsync(RegisterRequest request, Caller caller) =>
        // What a stranger makes up is refused by a reader, and costs the one writer nothing.
        storage.Read(db => Find(db, request).Refusal) is { } refusal
            ? new Registration(refusal) : await RegisterKnownAsync(request, caller);

    private Task<Registration> RegisterKnownAsync(RegisterRequest request, Caller caller) => storage.WriteAsync((db, events) =>
    {
        var (activation, known, refusal) = Find(db, request);
        if (refusal is not null) return new Registration(refusal);
        byte[] secret = ServerToken.CreateSecret();
        var server = known ?? Add(db, activation!, request, Now);
        (server.TokenHash, server.TokenCreatedAt, server.AgentVersion) = (ServerToken.Of(0, secret).Hash, Now, request.AgentVersion);
        (server.Registrations, server.Version) = (server.Registrations + 1, server.Version + 1);
        db.SaveChanges();
        if (server.Registrations <= RecordedRegistrations)
            events.Record(new InstallEvent(known is null ? "server.registered" : "server.token_replaced",
                Now, server.ServerId, caller, activation!.ActivationId));
        return new Registration(server.ServerId, ServerToken.Of(server.Id, secret).ToString(), known is null);
    });

    private (ActivationRow? Activation, ServerRow? Server, string? Refusal) Find(InstallLifecycleDbContext db, RegisterRequest request)
    {
        var (token, hasExpired) = tokens.Read(keys.Read(db), InstallKeys.Install, request.InstallToken);
        var activation = token is null || hasExpired
            ? null : db.Activations.SingleOrDefault(a => a.ActivationId == token.Subject && a.Status == ActivationRow.Activated);
        if (activation is null || activation.ClientId is { } client && !clients.Vouches(client, activation.ActivatedAt))
            return (null, null, InstallError.InstallTokenInvalid.Code);
        if (request.Machine != new Machine(activation.MachineId, activation.SshFingerprint) || request.Hostname != activation.Hostname
            || request.PublicIp != activation.PublicIp) return (null, null, InstallError.MachineMismatch.Code);
        var server = db.Servers.SingleOrDefault(s => s.ActivationId == activation.Id);
        if (server?.RevokedAt is not null) return (null, null, ServerError.ServerRevoked);
        return server?.Registrations >= MostRegistrations ? (null, null, RateLimited) : (activation, server, null);
    }

    /// <summary>Whose token <paramref name="text"/> is, revoked or not; null where it is nobody's.</summary>
    public ServerRow? Find(string text)
    {
        if (ServerToken.Parse(text) is not { } token) return null;
        DateTime now = Now;
        var found = storage.Read(db => db.Servers.AsNoTracking().Where(s => s.Id == token.Id)
            .Select(s => new { Server = s, Activation = db.Activations.FirstOrDefault(a => a.Id == s.ActivationId) }).SingleOrDefault());
        if (found is null || !token.Matches(found.Server.TokenHash)) return null;
        // An install that ran out of time unconfirmed takes its server with it, also before the job has written that down.
        if (found.Activation is { Status: ActivationRow.Activated } unconfirmed && unconfirmed.HasRunOut(now))
            found.Server.RevokedAt ??= unconfirmed.ExpiresAt;
        return found.Server;
    }

    /// <summary>Notes that a server is there, and what it says of itself; false where it was revoked, or got another token,
    /// since it was found.</summary>
    public Task<bool> CheckInAsync(ServerRow server, CheckinRequest said) => storage.WriteAsync((db, _) =>
    {
        DateTime now = Now;
        return db.Servers.Where(s => s.Id == server.Id && s.RevokedAt == null && s.TokenHash == server.TokenHash).ExecuteUpdate(u => u
            .SetProperty(s => s.LastCheckinAt, now).SetProperty(s => s.Hostname, s => said.Hostname ?? s.Hostname)
            .SetProperty(s => s.PublicIp, s => said.PublicIp ?? s.PublicIp)
            .SetProperty(s => s.AgentVersion, s => said.AgentVersion ?? s.AgentVersion)
            .SetProperty(s => s.Version, s => s.Version + 1)) == 1;
    });

    /// <summary>Revokes a server; again changes nothing.</summary>
    /// <param name="serverId">Its id.</param>
    /// <param name="caller">Who does it.</param>
    /// <param name="isDryRun">Whether only to say what would end.</param>
    /// <returns>How many servers that ended: one, or none if it had been revoked; null where there is no such server.</returns>
    public Task<int?> RevokeAsync(string serverId, Caller caller, bool isDryRun = false) => storage.WriteAsync<int?>((db, events) =>
    {
        if (db.Servers.SingleOrDefault(s => s.ServerId == serverId) is not { } server) return null;
        int ended = server.RevokedAt is null ? 1 : 0;
        if (isDryRun) return ended;
        Revoke(db, events, server.ActivationId, caller, Now);
        db.SaveChanges();
        return ended;
    });

    /// <summary>Revokes the server of an activation, if it has one, in the transaction of what ends it.</summary>
    public static void Revoke(InstallLifecycleDbContext db, IInstallEvents events, long activationId, Caller? caller, DateTime now)
    {
        if (db.Servers.SingleOrDefault(s => s.ActivationId == activationId && s.RevokedAt == null) is not { } server) return;
        (server.RevokedAt, server.Version) = (now, server.Version + 1);
        events.Record(new InstallEvent("server.revoked", now, server.ServerId, caller));
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private static ServerRow Add(InstallLifecycleDbContext db, ActivationRow activation, RegisterRequest request, DateTime now) =>
        db.Servers.Add(new ServerRow
        {
            ServerId = "srv_" + RandomNumberGenerator.GetHexString(16, lowercase: true), ActivationId = activation.Id, TokenHash = "",
            Hostname = request.Hostname, PublicIp = request.PublicIp, AgentVersion = request.AgentVersion, RegisteredAt = now,
        }).Entity;
}

/// <summary>A registration: the server and its token, or the error's code.</summary>
internal sealed record Registration(string? ServerId, string? Token, bool IsNew, string? Error)
{
    public Registration(string serverId, string token, bool isNew) : this(serverId, token, isNew, null)
    {
    }

    public Registration(string error) : this(null, null, false, error)
    {
    }
}
