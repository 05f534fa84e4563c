using InstallLifecycle.Codes;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tokens;

namespace InstallLifecycle.Activations;

/// <summary>prechecked → activated: the one way to an install token, for the API and for the OAuth grant.</summary>
internal sealed class InstallActivations(IInstallStorage storage, InstallKeys keys,
    InstallTokens tokens, ActivationLimits limits, Refusals refusals, ActivationTimes times)
{
    // A lost answer is repeated a few times; more than that is somebody who fills the audit trail.
    private const int MostRepeats = 200, RecordedRepeats = 3;

    /// <summary>Activates, or repeats the answer of an activation that is live: nothing is lost with an answer.</summary>
    public async Task<Outcome<Activated>> ActivateAsync(ActivateRequest request, Caller caller) =>
        await refusals.RecordAsync("activate", caller, storage.Read(db => WaitOf(db, request, caller)) is { } wait
            ? InstallError.RateLimitExceeded(wait) : await CountAsync(request, caller));

    // Who has used up the limit is refused by a reader, and costs the one writer nothing.
    private TimeSpan? WaitOf(InstallLifecycleDbContext db, ActivateRequest request, Caller caller)
    {
        if (limits.Wait(db, caller, request.Machine.MachineId, times.Now) is not { } wait) return null;
        var step = new Step(db, keys.Read(db), request, caller, times.Now);
        var (code, live) = CodeState.Find(db, step.Keys, request.Code);
        return live is not null && Refuse(step, code, live) is null ? null : wait;
    }

    private Task<Outcome<Activated>> CountAsync(ActivateRequest request, Caller caller) =>
        storage.WriteAsync<Outcome<Activated>>((db, events) =>
        {
            var step = new Step(db, keys.ReadOrMake(db, events), request, caller, times.Now);
            var (code, live) = CodeState.Find(db, step.Keys, request.Code);
            var refusal = Refuse(step, code, live);
            if (refusal is null && live is not null)
                return live.Repeats >= MostRepeats
                    ? InstallError.RateLimitExceeded(live.ExpiresAt - step.Now) : Repeat(step, events, code!, live);
            // Every other request counts, also one that is refused now: the limit bounds guessing too.
            if (limits.Take(db, caller, request.Machine.MachineId, step.Now) is { } wait) return InstallError.RateLimitExceeded(wait);
            return refusal is null ? Activate(step, events, code!) : refusal;
        });

    // In the contract's order: code, machine, state, token.
    private InstallError? Refuse(Step step, CodeRow? code, ActivationRow? live)
    {
        if (CodeState.Refuse(code, live, step.Request.Machine, step.Now) is { } refusal) return refusal;
        if (code!.Status == CodeRow.Confirmed || live is not null && BindingOf(live) != step.Request.Binding)
            return InstallError.InstallCodeUsed;
        var (token, hasExpired) = tokens.Read(step.Keys, InstallKeys.Precheck, step.Request.PrecheckToken);
        // Bound to no machine, the code has been released since: every precheck token of it is dead.
        if (token is null || token.CodeId != code.Id || token.Binding != code.Binding || code.MachineId is null)
            return InstallError.PrecheckTokenInvalid;
        return hasExpired ? InstallError.PrecheckTokenExpired : null;
    }

    private Activated Activate(Step step, IInstallEvents events, CodeRow code)
    {
        string activationId = "act_" + RandomNumberGenerator.GetHexString(16, lowercase: true);
        var token = Sign(step, code, activationId, step.Now);
        var (binding, now) = (step.Request.Binding, step.Now);
        (code.Status, code.Version) = (CodeRow.Activated, code.Version + 1);
        step.Db.Activations.Add(new ActivationRow
        {
            ActivationId = activationId, CodeId = code.Id, Status = ActivationRow.Activated, Hostname = binding.Hostname,
            PublicIp = binding.PublicIp, MachineId = binding.MachineId, SshFingerprint = binding.SshFingerprint,
            RequestedRef = step.Request.RequestedRef, InstallerVersion = step.Request.InstallerVersion, ActivatedAt = now,
            ExpiresAt = token.ExpiresAt.UtcDateTime, ClientId = step.Caller.ClientId,
        });
        step.Db.SaveChanges();
        events.Record(new InstallEvent("activation.activated", now, activationId, step.Caller, $"code {code.Id}"));
        return Answer(step, activationId, token);
    }

    private Activated Repeat(Step step, IInstallEvents events, CodeRow code, ActivationRow live)
    {
        var token = Sign(step, code, live.ActivationId, live.ActivatedAt);
        if (live.ExpiresAt < token.ExpiresAt.UtcDateTime) live.ExpiresAt = token.ExpiresAt.UtcDateTime;
        (live.Repeats, live.Version) = (live.Repeats + 1, live.Version + 1);
        step.Db.SaveChanges();
        if (live.Repeats <= RecordedRepeats)
            events.Record(new InstallEvent("activation.repeated", step.Now, live.ActivationId, step.Caller));
        return Answer(step, live.ActivationId, token);
    }

    private SignedToken Sign(Step step, CodeRow code, string activationId, DateTime activatedAt) =>
        tokens.Sign(step.Keys, InstallKeys.Install, code.Id, code.Binding, activationId, times.LifetimeOfToken(activatedAt, step.Now));

    private static Activated Answer(Step step, string activationId, SignedToken token) =>
        new(activationId, token.Text, token.ExpiresAt, step.Request.Code!.Text, step.Request.Binding);

    private static MachineBinding BindingOf(ActivationRow a) => new(a.Hostname, a.PublicIp, a.MachineId, a.SshFingerprint);

    private sealed record Step(InstallLifecycleDbContext Db, KeySet Keys, ActivateRequest Request, Caller Caller, DateTime Now);
}

/// <summary>What time it is, and how long an install token lives.</summary>
internal sealed class ActivationTimes(InstallLifecycleOptions options, TimeProvider clock)
{
    // Else repeats would keep an install alive, and its server, that is never confirmed.
    private static readonly TimeSpan LongestInstall = TimeSpan.FromHours(1);

    public DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>The lifetime of a token given out now.</summary>
    public TimeSpan LifetimeOfToken(DateTime activatedAt, DateTime now) =>
        activatedAt + LongestInstall - now is var left && left < options.InstallTokenLifetime ? left : options.InstallTokenLifetime;
}
