using InstallLifecycle.Servers;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Watching;

namespace InstallLifecycle.Codes;

/// <summary>any unconfirmed → revoked: an administrator ends a code, and with it its live activation and that one's server.</summary>
internal sealed class CodeRevocation(IInstallStorage storage, TimeProvider clock)
{
    private const int Batch = 100;

    /// <summary>Revokes code <paramref name="codeId"/>; again changes nothing.</summary>
    /// <param name="codeId">The code's number.</param>
    /// <param name="caller">Who does it.</param>
    /// <param name="isDryRun">Whether only to say what would end.</param>
    public Task<CodeRevocationResult> RevokeAsync(long codeId, Caller caller, bool isDryRun) =>
        storage.WriteAsync<CodeRevocationResult>((s, events) =>
        {
            var code = StoredCodes.Find(s, codeId);
            if (code is null) return new(0, CodeRevocationRefused.NotThere);
            if (code.Status is CodeRow.Confirmed or CodeRow.Expired) return new(0, CodeRevocationRefused.Ended);
            if (code.Status == CodeRow.Revoked) return new(0, null);
            var activation = StoredActivations.Live(s, codeId);
            int servers = activation is not null && StoredServers.OfActivation(s, activation.Id) is { RevokedAt: null } ? 1 : 0;
            if (!isDryRun) Revoke(s, events, code, activation, caller);
            return new(servers, null);
        });

    /// <summary>Revokes every unconfirmed code, in batches between which requests get their turn.</summary>
    public async Task RevokeUnconfirmedAsync(Caller caller)
    {
        int done;
        do
        {
            done = await storage.WriteAsync((s, events) =>
            {
                var codes = StoredCodes.Unconfirmed(s, Batch);
                foreach (var code in codes) Revoke(s, events, code, StoredActivations.Live(s, code.Id), caller);
                return codes.Count;
            });
        }
        while (done == Batch);
    }

    private void Revoke(IInstallStatements s, IInstallEvents events, CodeRow code, ActivationRow? activation, Caller caller)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        if (activation is not null)
        {
            activation.MoveTo(ActivationRow.Revoked, now);
            StoredActivations.Save(s, activation);
            InstallServers.Revoke(s, events, activation.Id, caller, now);
            events.Record(new InstallEvent("activation.revoked", now, activation.ActivationId, caller));
        }
        code.MoveTo(CodeRow.Revoked, now);
        StoredCodes.Save(s, code);
        Steps.Add(s, events, new StepRow(code, StepRow.Revoked, now));
        events.Record(new InstallEvent("install_code.revoked", now, code.Id.ToString(), caller));
    }
}

/// <summary>What a revocation of a code ended, or why it was refused.</summary>
/// <param name="Servers">How many servers.</param>
/// <param name="Refused">Why not; null where it was done.</param>
public readonly record struct CodeRevocationResult(int Servers, CodeRevocationRefused? Refused);

/// <summary>Why a code cannot be revoked: there is none, or it was confirmed or has expired.</summary>
public enum CodeRevocationRefused
{
    /// <summary>There is no such code.</summary>
    NotThere,

    /// <summary>It was confirmed, or has expired.</summary>
    Ended,
}
