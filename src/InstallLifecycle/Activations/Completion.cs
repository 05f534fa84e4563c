using InstallLifecycle.Codes;
using InstallLifecycle.Servers;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tokens;

namespace InstallLifecycle.Activations;

/// <summary>The two ends that an installer gives an activation: activated → confirmed, activated → released.</summary>
internal sealed class Completion(IInstallStorage storage, InstallKeys keys,
    InstallTokens tokens, IInstallClients clients, Refusals refusals, TimeProvider clock)
{
    private static readonly TimeSpan LeastLeft = TimeSpan.FromMinutes(5), LongestSinceIssued = TimeSpan.FromMinutes(60);

    /// <summary>Consumes the install token for good.</summary>
    public async Task<Outcome<Confirmed>> ConfirmAsync(ConfirmRequest request, Caller caller)
    {
        var refusal = storage.Read(db => RefuseConfirm(db, request, Find(db, request.ActivationId)));
        var outcome = refusal is null ? await ConfirmKnownAsync(request, caller) : refusal;
        return await refusals.RecordAsync("confirm", caller, outcome, request.ActivationId);
    }

    // What a stranger makes up is refused by a reader, and costs the one writer nothing; what is left is decided there again.
    private Task<Outcome<Confirmed>> ConfirmKnownAsync(ConfirmRequest request, Caller caller) =>
        storage.WriteAsync<Outcome<Confirmed>>((db, events) =>
        {
            DateTime now = clock.GetUtcNow().UtcDateTime;
            var activation = Find(db, request.ActivationId);
            if (RefuseConfirm(db, request, activation) is { } refusal) return refusal;
            var code = db.Codes.Single(c => c.Id == activation!.CodeId);
            code.MoveTo(CodeRow.Confirmed, now);
            activation!.MoveTo(ActivationRow.Confirmed, now);
            db.SaveChanges();
            events.Record(new InstallEvent("activation.confirmed", now, activation.ActivationId, caller));
            return new Confirmed(activation.ActivationId, activation.Status);
        });

    private InstallError? RefuseConfirm(InstallLifecycleDbContext db, ConfirmRequest request, ActivationRow? activation)
    {
        if (activation is null) return InstallError.ActivationNotFound;
        if (RefuseToken(db, request.InstallToken, activation) is { } refusal) return refusal;
        return activation.Status switch
        {
            ActivationRow.Confirmed => InstallError.InstallTokenConsumed,
            ActivationRow.Released => InstallError.ActivationReleased,
            ActivationRow.Revoked => InstallError.InstallCodeRevoked,
            ActivationRow.Expired => InstallError.InstallTokenExpired,
            _ => activation.ClientId is { } client && !clients.Vouches(client, activation.ActivatedAt)
                ? InstallError.InstallTokenInvalid : null,
        };
    }

    /// <summary>Gives the code back, unbound, if its time and its install token's allow that.</summary>
    public async Task<Outcome<Released>> ReleaseAsync(ReleaseRequest request, Caller caller)
    {
        var refusal = storage.Read(db => RefuseRelease(db, request, Find(db, request.ActivationId)));
        var outcome = refusal is null ? await ReleaseKnownAsync(request, caller) : refusal;
        return await refusals.RecordAsync("release", caller, outcome, request.ActivationId);
    }

    private Task<Outcome<Released>> ReleaseKnownAsync(ReleaseRequest request, Caller caller) =>
        storage.WriteAsync<Outcome<Released>>((db, events) =>
        {
            DateTime now = clock.GetUtcNow().UtcDateTime;
            var activation = Find(db, request.ActivationId);
            if (RefuseRelease(db, request, activation) is { } refusal) return refusal;
            bool isRestored = activation!.Status == ActivationRow.Activated && Release(db, events, activation, caller, now);
            return new Released(activation.ActivationId, ActivationRow.Released, isRestored);
        });

    private InstallError? RefuseRelease(InstallLifecycleDbContext db, ReleaseRequest request, ActivationRow? activation)
    {
        if (activation is null) return InstallError.ActivationNotFound;
        if (request.InstallToken is { } token && RefuseToken(db, token, activation) is { } refusal
            && refusal != InstallError.InstallTokenExpired) return refusal;
        return activation.Status switch
        {
            ActivationRow.Confirmed => InstallError.ActivationConfirmed,
            ActivationRow.Revoked => InstallError.InstallCodeRevoked,
            _ => null,
        };
    }

    // Whether the code may be used again.
    private static bool Release(InstallLifecycleDbContext db, IInstallEvents events, ActivationRow activation, Caller caller, DateTime now)
    {
        var code = db.Codes.Single(c => c.Id == activation.CodeId);
        DateTime least = now + LeastLeft, most = code.IssuedAt + LongestSinceIssued;
        bool isRestored = activation.ExpiresAt > now && least <= most;
        activation.MoveTo(ActivationRow.Released, now);
        if (isRestored) code.SetFree(code.ExpiresAt < least ? least : code.ExpiresAt > most ? most : code.ExpiresAt);
        else code.MoveTo(CodeRow.Expired, now);
        InstallServers.Revoke(db, events, activation.Id, caller, now);
        db.SaveChanges();
        events.Record(new InstallEvent("activation.released", now, activation.ActivationId,
            caller, $"code {code.Id} {(isRestored ? "restored" : "expired")}"));
        return isRestored;
    }

    private InstallError? RefuseToken(InstallLifecycleDbContext db, string text, ActivationRow activation)
    {
        var (token, hasExpired) = tokens.Read(keys.Read(db), InstallKeys.Install, text);
        return token is null || token.Subject != activation.ActivationId
            ? InstallError.InstallTokenInvalid : hasExpired ? InstallError.InstallTokenExpired : null;
    }

    private static ActivationRow? Find(InstallLifecycleDbContext db, string activationId) =>
        db.Activations.SingleOrDefault(a => a.ActivationId == activationId);
}

/// <summary>A confirmation's answer (seed 002).</summary>
internal sealed record Confirmed(string ActivationId, string Status);

/// <summary>A release's answer (seed 002).</summary>
internal sealed record Released(string ActivationId, string Status, bool InstallCodeRestored);
