namespace InstallLifecycle.Codes;

/// <summary>A code as it is shown, this once (seed 002, "Issue install code").</summary>
/// <param name="InstallCode">The code in canonical form.</param>
/// <param name="ExpiresAt">When it can no longer be used.</param>
/// <param name="TtlSeconds">Seconds until then.</param>
public sealed record IssuedCode(string InstallCode, DateTimeOffset ExpiresAt, long TtlSeconds);
