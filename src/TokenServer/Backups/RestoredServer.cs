using TokenServer.Audit;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Backups;

/// <summary>What is done on a restored database before it serves: its trail is looked at and says that it was restored.</summary>
internal sealed class RestoredServer(Database database, EverySession sessions,
    AuditVerification verification, AuditKeeping keeping, TimeProvider clock)
{
    /// <summary>Notes the restore, and ends all sessions where <paramref name="endSessions"/>.</summary>
    public async Task<AcceptedRestore> AcceptAsync(BackupManifest manifest, bool endSessions, Actor actor)
    {
        var verdict = verification.Verify();
        await database.WriteAsync(s => AuditTrail.Append(s, new AuditEvent("backup.restored", clock.GetUtcNow().UtcDateTime, actor)
        {
            Detail = $"of {AuditEntry.Text(manifest.Created)}, "
                + $"database SHA-256 {manifest.Files.First(f => f.Name == BackupArchive.Database).Sha256}",
        }));
        int? ended = endSessions ? await sessions.EndAsync(actor) : null;
        // The seal that came with the backup is of its time; from here on a trail without the restore is a trail cut off.
        await keeping.SealAsync();
        return new AcceptedRestore(ended, verdict.Problem);
    }
}

/// <summary>What was done on a restored database.</summary>
/// <param name="SessionsEnded">How many sessions were ended; null where they were left alone.</param>
/// <param name="AuditProblem">What is wrong with the restored audit trail; null where nothing is.</param>
internal sealed record AcceptedRestore(int? SessionsEnded, string? AuditProblem);
