using InstallLifecycle.Codes;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tokens;

namespace InstallLifecycle.Precheck;

/// <summary>issued → prechecked: binds a code to the machine that shows it first. The same machine may ask again.</summary>
internal sealed class Prechecks(IInstallStorage storage, InstallKeys keys,
    InstallTokens tokens, Refusals refusals, InstallLifecycleOptions options, TimeProvider clock)
{
    public async Task<Outcome<Prechecked>> PrecheckAsync(PrecheckRequest request, Caller caller) =>
        await refusals.RecordAsync("precheck", caller,
            storage.Read(db => Find(db, keys.Read(db), request).Refusal) is { } refusal ? refusal : await BindAsync(request, caller));

    // What a stranger makes up is refused by a reader, and costs the one writer nothing; what is left is decided there again.
    private Task<Outcome<Prechecked>> BindAsync(PrecheckRequest request, Caller caller) =>
        storage.WriteAsync<Outcome<Prechecked>>((db, events) =>
        {
            DateTime now = clock.GetUtcNow().UtcDateTime;
            var keySet = keys.ReadOrMake(db, events);
            var (found, refusal) = Find(db, keySet, request);
            if (refusal is not null) return refusal;
            var row = found!;
            var token = tokens.Sign(keySet, InstallKeys.Precheck, row.Id, row.Binding, request.Machine.MachineId, options.PrecheckLifetime);
            if (row.Status == CodeRow.Issued)
            {
                (row.Status, row.MachineId, row.SshFingerprint) =
                    (CodeRow.Prechecked, request.Machine.MachineId, request.Machine.SshFingerprint);
                events.Record(new InstallEvent("install_code.prechecked", now, row.Id.ToString(), caller));
            }
            // While it is activated, its activation says how long it lives.
            if (row.Status == CodeRow.Prechecked && row.ExpiresAt < token.ExpiresAt.UtcDateTime)
                row.ExpiresAt = token.ExpiresAt.UtcDateTime;
            row.Version++;
            db.SaveChanges();
            return new Prechecked(request.Code!.Text, request.Code.Hint, token.Text, token.ExpiresAt, request.Machine);
        });

    private (CodeRow? Code, InstallError? Refusal) Find(InstallLifecycleDbContext db, KeySet keySet, PrecheckRequest request)
    {
        var (code, activation) = CodeState.Find(db, keySet, request.Code);
        return (code, CodeState.Refuse(code, activation, request.Machine, clock.GetUtcNow().UtcDateTime)
            ?? (code!.Status == CodeRow.Confirmed ? InstallError.InstallCodeUsed : null));
    }
}

/// <summary>A precheck's answer (seed 002).</summary>
internal sealed record Prechecked(string InstallCode, string InstallCodeHint,
    string PrecheckToken, DateTimeOffset PrecheckExpiresAt, Machine MachineBinding);
