using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tokens;
using InstallLifecycle.Watching;

namespace InstallLifecycle.Codes;

/// <summary>Issues codes and finds them. What becomes of a code is decided where the step is (Precheck, Activations).</summary>
internal sealed class InstallCodes(IInstallStorage storage, InstallKeys keys,
    IssueLimits limits, InstallLifecycleOptions options, TimeProvider clock)
{
    /// <summary>A new code, if the limits let <paramref name="requester"/> have one.</summary>
    public Task<Outcome<IssuedCode>> IssueAsync(Requester requester) => storage.WriteAsync<Outcome<IssuedCode>>((s, events) =>
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        if (limits.Wait(s, requester, now) is { } wait) return InstallError.RateLimitExceeded(wait);
        var code = InstallCode.Create();
        var row = new CodeRow
        {
            Hash = code.Hash(keys.ReadOrMake(s, events).Current(InstallKeys.Code).Bytes), Hint = code.Hint,
            Status = CodeRow.Issued, IssuedAt = now, ExpiresAt = now + options.CodeLifetime,
            AddressKey = requester.Caller.AddressKey, Session = requester.Session, Fingerprint = requester.Fingerprint,
        };
        StoredCodes.Add(s, row);
        Steps.Add(s, events, new StepRow(row, StepRow.Issued, now));
        events.Record(new InstallEvent("install_code.issued", now, row.Id.ToString(), requester.Caller));
        return new IssuedCode(code.Text, row.ExpiresAt, (long)options.CodeLifetime.TotalSeconds);
    });

    /// <summary>The row of <paramref name="code"/>, whichever key it was hashed with; null where there is none.</summary>
    public static CodeRow? Find(IInstallStatements s, KeySet keys, InstallCode? code)
    {
        if (code is null) return null;
        foreach (var key in keys.All(InstallKeys.Code))
        {
            if (StoredCodes.Find(s, code.Hash(key.Bytes)) is { } row) return row;
        }
        return null;
    }
}
