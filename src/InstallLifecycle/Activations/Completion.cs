using InstallLifecycle.Receipts;
using InstallLifecycle.Servers;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Watching;

namespace InstallLifecycle.Activations;

/// <summary>The two ends that an installer gives an activation: activated → confirmed, activated → released.</summary>
internal sealed class Completion(IInstallStorage storage, ActivationTokens tokens,
    IInstallClients clients, InstallReceipts receipts, Refusals refusals)
{
    private static readonly TimeSpan LeastLeft = TimeSpan.FromMinutes(5), LongestSinceIssued = TimeSpan.FromMinutes(60);

    /// <summary>Consumes the install token for good, and gives a receipt of the install.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="issuer">Who the receipt says it is from.</param>
    /// <param name="caller">Who asks.</param>
    public async Task<Outcome<Confirmed>> ConfirmAsync(ConfirmRequest request, string issuer, Caller caller)
    {
        DateTime now = tokens.Now;
        // What a stranger makes up is refused by a reader, and costs the one writer nothing; nor does the signature, as a rule.
        var (description, refused) = storage.Find<Outcome<string>>(s =>
        {
            var activation = StoredActivations.Find(s, request.ActivationId);
            return RefuseConfirm(s, request, activation) is { } refusal ? refusal
                : InstallReceipts.Describe(s, activation!, StoredCodes.Find(s, activation!.CodeId)!, issuer, now);
        });
        var outcome = description is null ? refused!
            : await ConfirmAsync(request, (description, receipts.Sign(description)), issuer, caller, now);
        return await refusals.RecordAsync("confirm", caller, outcome, request.ActivationId);
    }

    /// <summary>Gives the code back, unbound, if its time and its install token's allow that.</summary>
    public async Task<Outcome<Released>> ReleaseAsync(ReleaseRequest request, Caller caller)
    {
        // As above.
        var refused = storage.Find(s => RefuseRelease(s, request, StoredActivations.Find(s, request.ActivationId)));
        Outcome<Released> outcome = refused is not null ? refused : await storage.WriteAsync<Outcome<Released>>((s, events) =>
        {
            var activation = StoredActivations.Find(s, request.ActivationId);
            return RefuseRelease(s, request, activation) is { } refusal ? refusal
                : new Released(activation!.ActivationId, ActivationRow.Released, activation.Status == ActivationRow.Activated
                    && Release(s, events, activation, request.Reason, caller, tokens.Now));
        });
        return await refusals.RecordAsync("release", caller, outcome, request.ActivationId);
    }

    private Task<Outcome<Confirmed>> ConfirmAsync(
        ConfirmRequest request, (string Description, SignedReceipt Receipt) signed, string issuer, Caller caller, DateTime now) =>
        storage.WriteAsync<Outcome<Confirmed>>((s, events) =>
        {
            var activation = StoredActivations.Find(s, request.ActivationId);
            if (RefuseConfirm(s, request, activation) is { } refusal) return refusal;
            var code = StoredCodes.Find(s, activation!.CodeId)!;
            // A server that has registered since, or the like.
            string description = InstallReceipts.Describe(s, activation, code, issuer, now);
            var receipt = description == signed.Description ? signed.Receipt : receipts.Sign(description);
            InstallReceipts.Keep(s, receipt.Key, now);
            code.MoveTo(CodeRow.Confirmed, now);
            StoredCodes.Save(s, code);
            activation.MoveTo(ActivationRow.Confirmed, now);
            activation.Receipt = receipt.Text;
            StoredActivations.Save(s, activation);
            Steps.Add(s, events, new StepRow(code, StepRow.Confirmed, now) { ActivationId = activation.ActivationId });
            events.Record(new InstallEvent("activation.confirmed", now, activation.ActivationId, caller));
            return new Confirmed(activation.ActivationId, activation.Status, receipt.Text);
        });

    private InstallError? RefuseConfirm(IInstallStatements s, ConfirmRequest request, ActivationRow? activation)
    {
        if (activation is null) return InstallError.ActivationNotFound;
        if (tokens.RefuseInstall(s, request.InstallToken, activation) is { } refusal) return refusal;
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

    private InstallError? RefuseRelease(IInstallStatements s, ReleaseRequest request, ActivationRow? activation)
    {
        if (activation is null) return InstallError.ActivationNotFound;
        if (request.InstallToken is { } token && tokens.RefuseInstall(s, token, activation) is { } refusal
            && refusal != InstallError.InstallTokenExpired) return refusal;
        return activation.Status switch
        {
            ActivationRow.Confirmed => InstallError.ActivationConfirmed,
            ActivationRow.Revoked => InstallError.InstallCodeRevoked,
            _ => null,
        };
    }

    // Whether the code may be used again.
    private static bool Release(
        IInstallStatements s, IInstallEvents events, ActivationRow activation, string? reason, Caller caller, DateTime now)
    {
        var code = StoredCodes.Find(s, activation.CodeId)!;
        DateTime least = now + LeastLeft, most = code.IssuedAt + LongestSinceIssued;
        bool isRestored = !activation.HasRunOut(now) && least <= most;
        activation.MoveTo(ActivationRow.Released, now);
        activation.ReleaseReason = reason;
        StoredActivations.Save(s, activation);
        if (isRestored) code.SetFree(code.ExpiresAt < least ? least : code.ExpiresAt > most ? most : code.ExpiresAt);
        else code.MoveTo(CodeRow.Expired, now);
        StoredCodes.Save(s, code);
        InstallServers.Revoke(s, events, activation.Id, caller, now);
        Steps.Add(s, events, new StepRow(code, StepRow.Released, now) { Reason = reason, IsRestored = isRestored });
        events.Record(new InstallEvent("activation.released", now, activation.ActivationId,
            caller, $"code {code.Id} {(isRestored ? "restored" : "expired")}"
                + (reason is null ? "" : $"; {InstallEvent.ReasonMark}{reason}")));
        return isRestored;
    }
}

/// <summary>A confirmation's answer (seed 002).</summary>
/// <param name="ActivationId">Which.</param>
/// <param name="Status"><c>confirmed</c>.</param>
/// <param name="Receipt">A JWT that says so for good (contract section 5b).</param>
internal sealed record Confirmed(string ActivationId, string Status, string Receipt);

/// <summary>A release's answer (seed 002).</summary>
internal sealed record Released(string ActivationId, string Status, bool InstallCodeRestored);
