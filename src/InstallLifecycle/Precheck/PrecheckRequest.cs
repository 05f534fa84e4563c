using InstallLifecycle.Codes;
using InstallLifecycle.HostKeys;

namespace InstallLifecycle.Precheck;

/// <summary>The body of a precheck (seed 002).</summary>
internal sealed record PrecheckBody(string? InstallCode, string? MachineId,
    string? SshFingerprint, string? Product, string? InstallerVersion, string? SshPublicKey = null);

/// <summary>A precheck whose fields are right.</summary>
/// <param name="Code">The code; null where it is malformed, which is as one that does not exist.</param>
/// <param name="Machine">The machine that asks.</param>
/// <param name="IsToProve">Whether it sent its host key, and is to prove it.</param>
internal sealed record PrecheckRequest(InstallCode? Code, Machine Machine, bool IsToProve)
{
    private const string Product = "slowdns";

    public static Outcome<PrecheckRequest> Of(PrecheckBody body, HostKeyProofs proofs)
    {
        var fields = new Fields();
        string code = fields.Text("install_code", body.InstallCode);
        var machine = new Machine(fields.MachineId(body.MachineId), fields.SshFingerprint(body.SshFingerprint));
        string product = fields.Text("product", body.Product);
        fields.Version("installer_version", body.InstallerVersion);
        bool isToProve = proofs.AreRequired || proofs.AreOffered && body.SshPublicKey is not null;
        var unsupported = isToProve ? fields.SshPublicKey(body.SshPublicKey, machine.SshFingerprint) : null;
        if (fields.Problem is { } problem) return problem;
        if (product != Product) return InstallError.ProductNotSupported;
        return unsupported is null ? new PrecheckRequest(InstallCode.Parse(code), machine, isToProve) : unsupported;
    }
}
