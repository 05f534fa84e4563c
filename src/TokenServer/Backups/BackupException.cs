namespace TokenServer.Backups;

/// <summary>A backup cannot be made or restored; the message says why and is for the operator.</summary>
internal sealed class BackupException(string problem, Exception? cause = null) : Exception(problem, cause);
