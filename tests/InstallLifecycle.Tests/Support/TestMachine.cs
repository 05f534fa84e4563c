using System.Security.Cryptography;

namespace InstallLifecycle.Tests.Support;

/// <summary>A machine that something is installed on.</summary>
internal sealed record TestMachine(string MachineId, string SshFingerprint, string Hostname, string PublicIp)
{
    /// <summary>One that no other test has.</summary>
    public static TestMachine Any() => new(
        RandomNumberGenerator.GetHexString(32, lowercase: true), "SHA256:" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('='), "ns1.example.com", "1.2.3.4");
}
