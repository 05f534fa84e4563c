using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Servers;

/// <summary>The servers: found by their tokens, suspected of being two, revoked in the end. Registered they are by
/// <see cref="Registrations"/>.</summary>
internal sealed class InstallServers(IInstallStorage storage, TimeProvider clock)
{
    /// <summary>Whose token <paramref name="text"/> is, revoked or not; null where it is nobody's.</summary>
    public ServerRow? Find(string text) => ServerToken.Parse(text) is { } token
        && storage.Find(s => StoredServers.Find(s, token.Id, Now)) is { } server && token.Matches(server.TokenHash) ? server : null;

    /// <summary>Notes that there are two of <paramref name="server"/>; false where it has changed since it was read.</summary>
    public Task<bool> SuspectAsync(ServerRow server, Caller caller) => storage.WriteAsync((s, events) =>
    {
        if (StoredServers.Find(s, server.ServerId) is not { RevokedAt: null, CloneSuspectedAt: null } row
            || row.TokenHash != server.TokenHash || row.CheckinKeyHash != server.CheckinKeyHash) return false;
        row.CloneSuspectedAt = Now;
        StoredServers.Save(s, row);
        events.Record(new InstallEvent("server.clone_suspected", Now, row.ServerId, caller));
        return true;
    });

    private static bool HasTwo(ServerRow server) =>
        server.RevokedAt is null && (server.CloneSuspectedAt is not null || server.RekeyedAt is not null);

    /// <summary>Lets the right one of two register anew, by the receipt of its install. Until it has, nobody checks in. Also after one of
    /// them has: it may have been the wrong one.</summary>
    /// <param name="serverId">Its id.</param>
    /// <param name="caller">Who does it.</param>
    /// <returns>Whether there are or were two; null where there is no such server.</returns>
    public Task<bool?> AllowRekeyAsync(string serverId, Caller caller) => storage.WriteAsync<bool?>((s, events) =>
    {
        if (StoredServers.Find(s, serverId) is not { } server) return null;
        if (!HasTwo(server)) return false;
        // Where the wrong one of two was faster, it waits now as the right one does.
        (server.CloneSuspectedAt, server.RekeyAllowedAt) = (server.CloneSuspectedAt ?? Now, Now);
        StoredServers.Save(s, server);
        events.Record(new InstallEvent("server.clone_resolved", Now, serverId, caller, "rekey"));
        return true;
    });

    /// <summary>Revokes both of two.</summary>
    /// <inheritdoc cref="AllowRekeyAsync"/>
    public Task<bool?> RevokeClonesAsync(string serverId, Caller caller) => storage.WriteAsync<bool?>((s, events) =>
    {
        if (StoredServers.Find(s, serverId) is not { } server) return null;
        if (!HasTwo(server)) return false;
        events.Record(new InstallEvent("server.clone_resolved", Now, serverId, caller, "revoke"));
        Revoke(s, events, server.ActivationId, caller, Now);
        return true;
    });

    /// <summary>Revokes a server; again changes nothing.</summary>
    /// <param name="serverId">Its id.</param>
    /// <param name="caller">Who does it.</param>
    /// <param name="isDryRun">Whether only to say what would end.</param>
    /// <returns>How many servers that ended: one, or none if it had been revoked; null where there is no such server.</returns>
    public Task<int?> RevokeAsync(string serverId, Caller caller, bool isDryRun = false) => storage.WriteAsync<int?>((s, events) =>
    {
        if (StoredServers.Find(s, serverId) is not { } server) return null;
        int ended = server.RevokedAt is null ? 1 : 0;
        if (isDryRun) return ended;
        Revoke(s, events, server.ActivationId, caller, Now);
        return ended;
    });

    /// <summary>Revokes the server of an activation, if it has one, in the transaction of what ends it.</summary>
    public static void Revoke(IInstallStatements s, IInstallEvents events, long activationId, Caller? caller, DateTime now)
    {
        if (StoredServers.OfActivation(s, activationId) is not { RevokedAt: null } server) return;
        server.RevokedAt = now;
        StoredServers.Save(s, server);
        events.Record(new InstallEvent("server.revoked", now, server.ServerId, caller));
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}
