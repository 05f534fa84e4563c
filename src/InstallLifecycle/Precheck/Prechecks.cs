using System.Text.Json.Serialization;
using InstallLifecycle.Codes;
using InstallLifecycle.HostKeys;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tokens;
using InstallLifecycle.Watching;

namespace InstallLifecycle.Precheck;

/// <summary>issued → prechecked: binds a code to the machine that shows it first. The same machine may ask again.</summary>
internal sealed class Prechecks(IInstallStorage storage, InstallKeys keys,
    InstallTokens tokens, Refusals refusals, InstallLifecycleOptions options, TimeProvider clock)
{
    public async Task<Outcome<Prechecked>> PrecheckAsync(PrecheckRequest request, Caller caller) =>
        await refusals.RecordAsync("precheck", caller,
            storage.Find(s => Find(s, keys.Read(s), request).Refusal) is { } refusal ? refusal : await BindAsync(request, caller));

    // What a stranger makes up is refused by a reader, and costs the one writer nothing; what is left is decided there again.
    private Task<Outcome<Prechecked>> BindAsync(PrecheckRequest request, Caller caller) =>
        storage.WriteAsync<Outcome<Prechecked>>((s, events) =>
        {
            DateTime now = clock.GetUtcNow().UtcDateTime;
            var keySet = keys.ReadOrMake(s, events);
            var (found, refusal) = Find(s, keySet, request);
            if (refusal is not null) return refusal;
            var row = found!;
            string? challenge = request.IsToProve ? HostKeyProofs.CreateChallenge() : null;
            var token = tokens.Sign(keySet, InstallKeys.Precheck, row.Id, row.Binding,
                request.Machine.MachineId, options.PrecheckLifetime, challenge);
            if (row.Status == CodeRow.Issued)
            {
                (row.Status, row.MachineId, row.SshFingerprint) =
                    (CodeRow.Prechecked, request.Machine.MachineId, request.Machine.SshFingerprint);
                Steps.Add(s, events, new StepRow(row, StepRow.Prechecked, now)
                    { Machine = row.MachineId[^4..], Key = row.SshFingerprint[^4..] });
                events.Record(new InstallEvent("install_code.prechecked", now, row.Id.ToString(), caller));
            }
            // While it is activated, its activation says how long it lives.
            if (row.Status == CodeRow.Prechecked && row.ExpiresAt < token.ExpiresAt.UtcDateTime)
                row.ExpiresAt = token.ExpiresAt.UtcDateTime;
            StoredCodes.Save(s, row);
            return new Prechecked(request.Code!.Text, request.Code.Hint, token.Text, token.ExpiresAt, request.Machine)
            {
                Challenge = challenge, ProofText = challenge is null ? null : HostKeyProofs.TextOf(challenge, request.Machine),
            };
        });

    private (CodeRow? Code, InstallError? Refusal) Find(IInstallStatements s, KeySet keySet, PrecheckRequest request)
    {
        var (code, activation) = CodeState.Find(s, keySet, request.Code);
        return (code, CodeState.Refuse(code, activation, request.Machine, clock.GetUtcNow().UtcDateTime)
            ?? (code!.Status == CodeRow.Confirmed ? InstallError.InstallCodeUsed : null));
    }
}

/// <summary>A precheck's answer (seed 002).</summary>
internal sealed record Prechecked(string InstallCode, string InstallCodeHint,
    string PrecheckToken, DateTimeOffset PrecheckExpiresAt, Machine MachineBinding)
{
    /// <summary>What only this precheck's signature has in it; null where no host key was sent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Challenge { get; init; }

    /// <summary>The text to sign with the host key.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProofText { get; init; }
}
