using InstallLifecycle.Codes;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tokens;
using InstallLifecycle.Watching;

namespace InstallLifecycle.Activations;

/// <summary>prechecked → activated: the one way to an install token, for the API and for the OAuth grant.</summary>
internal sealed class InstallActivations(IInstallStorage storage, ActivationTokens tokens, ActivationLimits limits, Refusals refusals)
{
    // A lost answer is repeated a few times; more than that is somebody who fills the audit trail.
    private const int MostRepeats = 200, RecordedRepeats = 3;

    /// <summary>Activates, or repeats the answer of an activation that is live: nothing is lost with an answer.</summary>
    public async Task<Outcome<Activated>> ActivateAsync(ActivateRequest request, Caller caller)
    {
        // It takes time to verify a signature: neither the one writer has it, nor who waits for a reader.
        string? proof = request.SshSignature is null ? null : tokens.FindProof(storage.Find(tokens.Read), request);
        var wait = storage.Find(s => WaitOf(s, request, caller, proof));
        return await refusals.RecordAsync("activate", caller, wait is { } tooLong
            ? InstallError.RateLimitExceeded(tooLong) : await CountAsync(request, caller, proof));
    }

    // Who has used up the limit is refused by a reader, and costs the one writer nothing.
    private TimeSpan? WaitOf(IInstallStatements s, ActivateRequest request, Caller caller, string? proof)
    {
        if (limits.Wait(s, caller, request.Machine.MachineId, tokens.Now) is not { } wait) return null;
        var step = new Step(s, tokens.Read(s), request, proof, caller, tokens.Now);
        var (code, live) = CodeState.Find(s, step.Keys, request.Code);
        return live is not null && Refuse(step, code, live) is null ? null : wait;
    }

    private Task<Outcome<Activated>> CountAsync(ActivateRequest request, Caller caller, string? proof) =>
        storage.WriteAsync<Outcome<Activated>>((s, events) =>
        {
            var step = new Step(s, tokens.ReadOrMake(s, events), request, proof, caller, tokens.Now);
            var (code, live) = CodeState.Find(s, step.Keys, request.Code);
            var refusal = Refuse(step, code, live);
            if (refusal is null && live is not null)
                return live.Repeats >= MostRepeats
                    ? InstallError.RateLimitExceeded(live.ExpiresAt - step.Now) : Repeat(step, events, code!, live);
            if (refusal == InstallError.HostKeyProofInvalid) return refusal;
            // Every other request counts, also one that is refused now: the limit bounds guessing too.
            if (limits.Take(s, caller, request.Machine.MachineId, step.Now) is { } wait) return InstallError.RateLimitExceeded(wait);
            return refusal is null ? Activate(step, events, code!) : refusal;
        });

    // In the contract's order: code, machine, state, token.
    private InstallError? Refuse(Step step, CodeRow? code, ActivationRow? live)
    {
        if (CodeState.Refuse(code, live, step.Request.Machine, step.Now) is { } refusal) return refusal;
        if (code!.Status == CodeRow.Confirmed || live is not null && BindingOf(live) != step.Request.Binding)
            return InstallError.InstallCodeUsed;
        return tokens.RefusePrecheck(step.Keys, step.Request, code, live, step.Proof);
    }

    private Activated Activate(Step step, IInstallEvents events, CodeRow code)
    {
        string activationId = ActivationRow.CreateId();
        var token = tokens.Sign(step.Keys, code, activationId, step.Now, step.Now);
        var (binding, now) = (step.Request.Binding, step.Now);
        code.Status = CodeRow.Activated;
        StoredCodes.Save(step.Statements, code);
        StoredActivations.Add(step.Statements, new ActivationRow
        {
            ActivationId = activationId, CodeId = code.Id, Status = ActivationRow.Activated, Hostname = binding.Hostname,
            PublicIp = binding.PublicIp, MachineId = binding.MachineId, SshFingerprint = binding.SshFingerprint,
            RequestedRef = step.Request.RequestedRef, InstallerVersion = step.Request.InstallerVersion, ActivatedAt = now,
            ExpiresAt = token.ExpiresAt.UtcDateTime, ClientId = step.Caller.ClientId, HostKeyProven = step.Proof is not null,
        });
        Steps.Add(step.Statements, events, new StepRow(code, StepRow.Activated, now) { Hostname = binding.Hostname });
        events.Record(new InstallEvent("activation.activated", now, activationId, step.Caller, $"code {code.Id}"));
        return Answer(step, activationId, token, step.Proof is not null);
    }

    private Activated Repeat(Step step, IInstallEvents events, CodeRow code, ActivationRow live)
    {
        var token = tokens.Sign(step.Keys, code, live.ActivationId, live.ActivatedAt, step.Now);
        if (live.ExpiresAt < token.ExpiresAt.UtcDateTime) live.ExpiresAt = token.ExpiresAt.UtcDateTime;
        live.Repeats++;
        live.HostKeyProven |= step.Proof is not null;
        StoredActivations.Save(step.Statements, live);
        if (live.Repeats <= RecordedRepeats)
            events.Record(new InstallEvent("activation.repeated", step.Now, live.ActivationId, step.Caller));
        return Answer(step, live.ActivationId, token, live.HostKeyProven);
    }

    private static Activated Answer(Step step, string activationId, SignedToken token, bool isProven) =>
        new(activationId, token.Text, token.ExpiresAt, step.Request.Code!.Text, step.Request.Binding) { HostKeyProven = isProven };

    private static MachineBinding BindingOf(ActivationRow a) => new(a.Hostname, a.PublicIp, a.MachineId, a.SshFingerprint);

    private sealed record Step(
        IInstallStatements Statements, KeySet Keys, ActivateRequest Request, string? Proof, Caller Caller, DateTime Now);
}
