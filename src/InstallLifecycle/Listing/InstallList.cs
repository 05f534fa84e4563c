using System.Linq.Expressions;
using InstallLifecycle.Servers;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Listing;

/// <summary>Codes, activations and servers for administrators: the newest first, a page at a time. What has run out is shown so,
/// also before the job has written that down.</summary>
internal sealed class InstallList(IInstallStorage storage, InstallLifecycleOptions options, TimeProvider clock)
{
    private const int MostReasons = 10;
    private const string Escape = "\\";

    /// <summary>A server that has not checked in for so long is stale.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromDays(7);

    public IReadOnlyList<CodeSummary> Codes(ListRequest request) => storage.Read(db =>
        CodesOf(db, request).Take(request.Limit).ToList().ConvertAll(c => new CodeSummary(
            c.Row.Id, c.Row.Hint, c.Status, c.Row.IssuedAt, c.Row.ExpiresAt, c.Row.AddressKey, c.Row.MachineId) { Hostname = c.Hostname }));

    public int CountCodes(ListRequest request) => storage.Read(db => CodesOf(db, request).Take(request.Limit).Count());

    public IReadOnlyList<ActivationSummary> Activations(ListRequest request) => storage.Read(db =>
        ActivationsOf(db, request).Take(request.Limit).ToList()
            .ConvertAll(a => new ActivationSummary(a.Row.Id, a.Row.ActivationId, a.Row.CodeId, a.Status, a.Row.Hostname,
                a.Row.PublicIp, a.Row.MachineId, a.Row.RequestedRef, a.Row.InstallerVersion, a.Row.ActivatedAt, a.Row.EndedAt, a.Server,
                a.Row.HostKeyProven, a.Row.ReleaseReason, a.Row.Receipt is not null)));

    public int CountActivations(ListRequest request) => storage.Read(db => ActivationsOf(db, request).Take(request.Limit).Count());

    public IReadOnlyList<ServerSummary> Servers(ListRequest request) => storage.Read(db =>
        ServersOf(db, request).Take(request.Limit).ToList()
            .ConvertAll(s => new ServerSummary(s.Row.Id, s.Row.ServerId, s.Activation?.ActivationId,
                s.IsRevoked ? ServerEndpoints.Revoked
                    : s.Row.CloneSuspectedAt is null ? ServerEndpoints.Active : ServerEndpoints.CloneSuspected,
                !s.IsRevoked && s.Row.IsOnline(options, Now),
                s.Row.Hostname, s.Row.PublicIp, s.Row.AgentVersion, s.Row.RegisteredAt, s.Row.LastCheckinAt, s.Row.RevokedAt,
                s.Activation?.HostKeyProven == true, s.Row.CheckinKeyHash is not null, s.Row.CloneSuspectedAt, s.Row.RekeyAllowedAt,
                s.Row.RekeyedAt)));

    public int CountServers(ListRequest request) => storage.Read(db => ServersOf(db, request).Take(request.Limit).Count());

    /// <summary>What the audit trail names that belongs to a host that <paramref name="pattern"/> finds, the newest
    /// <paramref name="most"/>.</summary>
    public FoundHosts FindHosts(string pattern, int most) => storage.Read(db =>
    {
        var request = new ListRequest(null, null, most) { Pattern = pattern };
        var installs = ActivationsOf(db, request).Take(most).Select(a => new { a.Row.ActivationId, a.Row.CodeId }).ToList();
        var servers = ServersOf(db, request).Take(most).Select(s => s.Row.ServerId).ToList();
        return new FoundHosts([.. installs.Select(i => i.ActivationId), .. servers],
            installs.ConvertAll(i => i.CodeId.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    });

    // What comes between the ends of the page that is wanted, from one of them.
    private static IQueryable<T> InOrder<T>(IQueryable<T> rows, ListRequest request, Expression<Func<T, long>> id)
    {
        if (request.Before is { } before) rows = rows.Where(Compared(Expression.LessThan, id, before));
        if (request.After is { } after) rows = rows.Where(Compared(Expression.GreaterThan, id, after));
        return request.IsAscending ? rows.OrderBy(id) : rows.OrderByDescending(id);
    }

    // Bound as a parameter, so that the query is translated once.
    private static Expression<Func<T, bool>> Compared<T>(
        Func<Expression, Expression, Expression> by, Expression<Func<T, long>> id, long end)
    {
        Expression<Func<long>> value = () => end;
        return Expression.Lambda<Func<T, bool>>(by(id.Body, value.Body), id.Parameters);
    }

    private IQueryable<ListedCode> CodesOf(InstallLifecycleDbContext db, ListRequest request)
    {
        DateTime now = Now, ahead = now + StoredTime.Skew;
        var codes = InOrder(db.Codes.AsNoTracking(), request, c => c.Id).Select(c => new ListedCode
        {
            Row = c,
            Hostname = db.Activations.Where(a => a.CodeId == c.Id).OrderByDescending(a => a.Id).Select(a => a.Hostname).FirstOrDefault(),
            Status = (c.Status == CodeRow.Issued || c.Status == CodeRow.Prechecked) && (c.ExpiresAt <= now || c.IssuedAt > ahead)
                || c.Status == CodeRow.Activated && !db.Activations.Any(a => a.CodeId == c.Id
                    && a.Status == ActivationRow.Activated && a.ExpiresAt > now && a.ActivatedAt <= ahead) ? CodeRow.Expired : c.Status,
        });
        if (request.Status is { } status) codes = codes.Where(c => c.Status == status);
        if (request.Pattern is { } part)
            codes = codes.Where(c => EF.Functions.Like(c.Row.Hint.ToUpper(), part, Escape)
                || EF.Functions.Like(c.Row.AddressKey.ToUpper(), part, Escape)
                || EF.Functions.Like(c.Row.MachineId!.ToUpper(), part, Escape)
                || db.Activations.Any(a => a.CodeId == c.Row.Id && EF.Functions.Like(a.Hostname.ToUpper(), part, Escape)));
        return codes;
    }

    private IQueryable<ListedActivation> ActivationsOf(InstallLifecycleDbContext db, ListRequest request)
    {
        DateTime now = Now, ahead = now + StoredTime.Skew;
        var activations = InOrder(db.Activations.AsNoTracking(), request, a => a.Id).Select(a => new ListedActivation
        {
            Row = a, Status = a.Status == ActivationRow.Activated && (a.ExpiresAt <= now || a.ActivatedAt > ahead)
                ? ActivationRow.Expired : a.Status,
            Server = db.Servers.Where(s => s.ActivationId == a.Id).Select(s => s.ServerId).FirstOrDefault(),
        });
        if (request.Status is { } status) activations = activations.Where(a => a.Status == status);
        if (request.Pattern is { } part)
            activations = activations.Where(a => EF.Functions.Like(a.Row.Hostname.ToUpper(), part, Escape)
                || EF.Functions.Like(a.Row.PublicIp.ToUpper(), part, Escape) || EF.Functions.Like(a.Row.MachineId.ToUpper(), part, Escape)
                || EF.Functions.Like(a.Row.ActivationId.ToUpper(), part, Escape)
                || db.Codes.Any(c => c.Id == a.Row.CodeId && EF.Functions.Like(c.Hint.ToUpper(), part, Escape)));
        return activations;
    }

    private IQueryable<ListedServer> ServersOf(InstallLifecycleDbContext db, ListRequest request)
    {
        DateTime now = Now, ahead = now + StoredTime.Skew;
        var servers = InOrder(db.Servers.AsNoTracking(), request, s => s.Id)
            .Select(s => new { Row = s, Activation = db.Activations.Where(a => a.Id == s.ActivationId).FirstOrDefault() })
            .Select(s => new ListedServer
            {
                Row = s.Row, Activation = s.Activation, IsRevoked = s.Row.RevokedAt != null || s.Activation != null
                    && s.Activation.Status == ActivationRow.Activated
                    && (s.Activation.ExpiresAt <= now || s.Activation.ActivatedAt > ahead),
            });
        if (request.Status is { } status) servers = OfStatus(servers, status, now, ahead);
        if (request.Pattern is { } part)
            servers = servers.Where(s => EF.Functions.Like(s.Row.Hostname.ToUpper(), part, Escape)
                || EF.Functions.Like(s.Row.PublicIp.ToUpper(), part, Escape) || EF.Functions.Like(s.Row.ServerId.ToUpper(), part, Escape)
                || EF.Functions.Like(s.Activation!.MachineId.ToUpper(), part, Escape));
        return servers;
    }

    private IQueryable<ListedServer> OfStatus(IQueryable<ListedServer> servers, string status, DateTime now, DateTime ahead)
    {
        DateTime seen = now - ServerRow.MissedCheckins * options.CheckinInterval, old = now - Long;
        return status switch
        {
            ServerEndpoints.Revoked => servers.Where(s => s.IsRevoked),
            ServerEndpoints.CloneSuspected => servers.Where(s => !s.IsRevoked && s.Row.CloneSuspectedAt != null),
            ServerEndpoints.Active => servers.Where(s => !s.IsRevoked && s.Row.CloneSuspectedAt == null),
            ServerEndpoints.Online => servers.Where(s => !s.IsRevoked
                && (s.Row.LastCheckinAt ?? s.Row.RegisteredAt) > seen && (s.Row.LastCheckinAt ?? s.Row.RegisteredAt) <= ahead),
            ServerEndpoints.Offline => servers.Where(s => !s.IsRevoked
                && ((s.Row.LastCheckinAt ?? s.Row.RegisteredAt) <= seen || (s.Row.LastCheckinAt ?? s.Row.RegisteredAt) > ahead)),
            _ => servers.Where(s => !s.IsRevoked && (s.Row.LastCheckinAt ?? s.Row.RegisteredAt) <= old),
        };
    }

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
        return new InstallFigures(online, servers.Count - online, db.Activations.Count(a => a.ActivatedAt >= today), unconfirmed,
            servers.Count(s => s.CloneSuspectedAt is not null));
    });

    /// <summary>Why installs that are still kept were given up, the most frequent first.</summary>
    public IReadOnlyList<ReleaseReason> Reasons() => storage.Read(db => db.Activations.AsNoTracking().Where(a => a.ReleaseReason != null)
        .GroupBy(a => a.ReleaseReason!).Select(g => new { Reason = g.Key, Count = g.Count() })
        .OrderByDescending(g => g.Count).ThenBy(g => g.Reason).Take(MostReasons).ToList()
        .ConvertAll(g => new ReleaseReason(g.Reason, g.Count)));

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private sealed class ListedCode
    {
        public required CodeRow Row { get; init; }
        public required string Status { get; init; }
        public string? Hostname { get; init; }
    }

    private sealed class ListedActivation
    {
        public required ActivationRow Row { get; init; }
        public required string Status { get; init; }
        public string? Server { get; init; }
    }

    private sealed class ListedServer
    {
        public required ServerRow Row { get; init; }
        public ActivationRow? Activation { get; init; }
        public bool IsRevoked { get; init; }
    }
}
