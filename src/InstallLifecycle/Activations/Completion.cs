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
    public Task<Outcome<Confirmed>> ConfirmAsync(ConfirmRequest request, Caller caller) => EndAsync("confirm", request.ActivationId, caller,
        (db, activation) => RefuseConfirm(db, request, activation), (db, events, activation, now) =>
        {
            db.Codes.Single(c => c.Id == activation.CodeId).MoveTo(CodeRow.Confirmed, now);
            activation.MoveTo(ActivationRow.Confirmed, now);
            db.SaveChanges();
            events.Record(new InstallEvent("activation.confirmed", now, activation.ActivationId, caller));
            return new Confirmed(activation.ActivationId, activation.Status);
        });

    /// <summary>Gives the code back, unbound, if its time and its install token's allow that.</summary>
    public Task<Outcome<Released>> ReleaseAsync(ReleaseRequest request, Caller caller) => EndAsync("release", request.ActivationId, caller,
        (db, activation) => RefuseRelease(db, request, activation),
        (db, events, activation, now) => new Released(activation.ActivationId, ActivationRow.Released,
            activation.Status == ActivationRow.Activated && Release(db, events, activation, caller, now)));

    // What a stranger makes up is refused by a reader, and costs the one writer nothing; what is left is decided there again.
    private async Task<Outcome<T>> EndAsync<T>(string step, string activationId, Caller caller,
        Func<InstallLifecycleDbContext, ActivationRow?, InstallError?> refuse,
        Func<InstallLifecycleDbContext, IInstallEvents, ActivationRow, DateTime, T> end) where T : class
    {
        Outcome<T> outcome = storage.Read(db => refuse(db, Find(db, activationId))) is { } refused ? refused
            : await storage.WriteAsync<Outcome<T>>((db, events) =>
            {
                var activation = Find(db, activationId);
                return refuse(db, activation) is { } refusal ? refusal : end(db, events, activation!, clock.GetUtcNow().UtcDateTime);
            });
        return await refusals.RecordAsync(step, caller, outcome, activationId);
    }

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
        bool isRestored = !activation.HasRunOut(now) && least <= most;
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
