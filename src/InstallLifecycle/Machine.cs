namespace InstallLifecycle;

/// <summary>What a code is bound to.</summary>
/// <param name="MachineId">32 hex digits, lower case.</param>
/// <param name="SshFingerprint"><c>SHA256:</c> and 43 base64 characters.</param>
internal sealed record Machine(string MachineId, string SshFingerprint);
