using InstallLifecycle.Servers;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Listing;

/// <summary>Codes, activations and servers for administrators: the newest first, a page at a time. What has run out is shown so,
/// also before the job has written that down.</summary>
internal sealed class InstallList(IInstallStorage storage, InstallLifecycleOptions options, TimeProvider clock)
{
    public IReadOnlyList<CodeSummary> Codes(ListRequest request) => storage.Read(db =>
    {
        DateTime now = Now, ahead = now + StoredTime.Skew;
        var codes = db.Codes.AsNoTracking().Select(c => new
        {
            Row = c,
            Status = (c.Status == CodeRow.Issued || c.Status == CodeRow.Prechecked) && (c.ExpiresAt <= now || c.IssuedAt > ahead)
                || c.Status == CodeRow.Activated && !db.Activations.Any(a => a.CodeId == c.Id
                    && a.Status == ActivationRow.Activated && a.ExpiresAt > now && a.ActivatedAt <= ahead) ? CodeRow.Expired : c.Status,
        });
        if (request.Before is { } before) codes = codes.Where(c => c.Row.Id < before);
        if (request.Status is { } status) codes = codes.Where(c => c.Status == status);
        return codes.OrderByDescending(c => c.Row.Id).Take(request.Limit).ToList()
            .ConvertAll(c => new CodeSummary(
                c.Row.Id, c.Row.Hint, c.Status, c.Row.IssuedAt, c.Row.ExpiresAt, c.Row.AddressKey, c.Row.MachineId));
    });

    public IReadOnlyList<ActivationSummary> Activations(ListRequest request) => storage.Read(db =>
    {
        DateTime now = Now, ahead = now + StoredTime.Skew;
        var activations = db.Activations.AsNoTracking().Select(a => new
        {
            Row = a, Status = a.Status == ActivationRow.Activated && (a.ExpiresAt <= now || a.ActivatedAt > ahead)
                ? ActivationRow.Expired : a.Status,
            Server = db.Servers.Where(s => s.ActivationId == a.Id).Select(s => s.ServerId).FirstOrDefault(),
        });
        if (request.Before is { } before) activations = activations.Where(a => a.Row.Id < before);
        if (request.Status is { } status) activations = activations.Where(a => a.Status == status);
        return activations.OrderByDescending(a => a.Row.Id).Take(request.Limit).ToList()
            .ConvertAll(a => new ActivationSummary(a.Row.Id, a.Row.ActivationId, a.Row.CodeId, a.Status, a.Row.Hostname,
                a.Row.PublicIp, a.Row.MachineId, a.Row.RequestedRef, a.Row.InstallerVersion, a.Row.ActivatedAt, a.Row.EndedAt, a.Server));
    });

    public IReadOnlyList<ServerSummary> Servers(ListRequest request) => storage.Read(db =>
    {
        DateTime now = Now, ahead = now + StoredTime.Skew;
        var servers = db.Servers.AsNoTracking()
            .Select(s => new { Row = s, Activation = db.Activations.Where(a => a.Id == s.ActivationId).FirstOrDefault() })
            .Select(s => new { s.Row, s.Activation, IsRevoked = s.Row.RevokedAt != null || s.Activation != null
                && s.Activation.Status == ActivationRow.Activated && (s.Activation.ExpiresAt <= now || s.Activation.ActivatedAt > ahead) });
        if (request.Before is { } before) servers = servers.Where(s => s.Row.Id < before);
        if (request.Status is { } status) servers = servers.Where(s => s.IsRevoked == (status == ServerEndpoints.Revoked));
        return servers.OrderByDescending(s => s.Row.Id).Take(request.Limit).ToList()
            .ConvertAll(s => new ServerSummary(s.Row.Id, s.Row.ServerId, s.Activation?.ActivationId,
                s.IsRevoked ? ServerEndpoints.Revoked : ServerEndpoints.Active, !s.IsRevoked && s.Row.IsOnline(options, now),
                s.Row.Hostname, s.Row.PublicIp, s.Row.AgentVersion, s.Row.RegisteredAt, s.Row.LastCheckinAt, s.Row.RevokedAt));
    });

    public InstallFigures Count() => storage.Read(db =>
    {
        DateTime now = Now, today = now.Date, ahead = now + StoredTime.Skew;
        var servers = db.Servers.AsNoTracking().Where(s => s.RevokedAt == null
            && !db.Activations.Any(a => a.Id == s.ActivationId && a.Status == ActivationRow.Activated
                && (a.ExpiresAt <= now || a.ActivatedAt > ahead))).ToList();
        int online = servers.Count(s => s.IsOnline(options, now));
        int unconfirmed = db.Codes.Count(c => (c.Status == CodeRow.Issued || c.Status == CodeRow.Prechecked)
                && c.ExpiresAt > now && c.IssuedAt <= ahead)
            + db.Activations.Count(a => a.Status == ActivationRow.Activated && a.ExpiresAt > now && a.ActivatedAt <= ahead);
        return new InstallFigures(online, servers.Count - online, db.Activations.Count(a => a.ActivatedAt >= today), unconfirmed);
    });

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}
