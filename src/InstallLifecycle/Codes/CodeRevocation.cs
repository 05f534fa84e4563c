using InstallLifecycle.Servers;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Codes;

/// <summary>any unconfirmed → revoked: an administrator ends a code, and with it its live activation and that one's server.</summary>
internal sealed class CodeRevocation(IInstallStorage storage, TimeProvider clock)
{
    /// <summary>Revokes code <paramref name="codeId"/>; again changes nothing. False where there is none, or it can no longer be revoked.</summary>
    public Task<bool> RevokeAsync(long codeId, Caller caller) => storage.WriteAsync((db, events) =>
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        var code = db.Codes.SingleOrDefault(c => c.Id == codeId);
        if (code is null or { Status: CodeRow.Confirmed or CodeRow.Expired }) return false;
        if (code.Status == CodeRow.Revoked) return true;
        if (db.Activations.SingleOrDefault(a => a.CodeId == codeId && a.Status == ActivationRow.Activated) is { } activation)
        {
            activation.MoveTo(ActivationRow.Revoked, now);
            InstallServers.Revoke(db, events, activation.Id, caller, now);
            events.Record(new InstallEvent("activation.revoked", now, activation.ActivationId, caller));
        }
        code.MoveTo(CodeRow.Revoked, now);
        db.SaveChanges();
        events.Record(new InstallEvent("install_code.revoked", now, codeId.ToString(), caller));
        return true;
    });
}
