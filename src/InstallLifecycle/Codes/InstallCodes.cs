using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tokens;

namespace InstallLifecycle.Codes;

/// <summary>The codes' table: issuing and finding them.
/// What becomes of a code is decided where the step is (Precheck, Activations).</summary>
internal sealed class InstallCodes(IInstallStorage storage, InstallKeys keys,
    IssueLimits limits, InstallLifecycleOptions options, TimeProvider clock)
{
    /// <summary>A new code, if the limits let <paramref name="requester"/> have one.</summary>
    public Task<Outcome<IssuedCode>> IssueAsync(Requester requester) => storage.WriteAsync<Outcome<IssuedCode>>((db, events) =>
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        if (limits.Wait(db, requester, now) is { } wait) return InstallError.RateLimitExceeded(wait);
        var code = InstallCode.Create();
        var row = new CodeRow
        {
            Hash = code.Hash(keys.ReadOrMake(db, events).Current(InstallKeys.Code).Bytes), Hint = code.Hint,
            Status = CodeRow.Issued, IssuedAt = now, ExpiresAt = now + options.CodeLifetime,
            AddressKey = requester.Caller.AddressKey, Session = requester.Session, Fingerprint = requester.Fingerprint,
        };
        db.Codes.Add(row);
        db.SaveChanges();
        events.Record(new InstallEvent("install_code.issued", now, row.Id.ToString(), requester.Caller));
        return new IssuedCode(code.Text, row.ExpiresAt, (long)options.CodeLifetime.TotalSeconds);
    });

    /// <summary>The row of <paramref name="code"/>, whichever key it was hashed with; null where there is none.</summary>
    public static CodeRow? Find(InstallLifecycleDbContext db, KeySet keys, InstallCode? code)
    {
        if (code is null) return null;
        string[] hashes = [.. keys.All(InstallKeys.Code).Select(k => code.Hash(k.Bytes))];
        return db.Codes.SingleOrDefault(c => hashes.Contains(c.Hash));
    }
}
