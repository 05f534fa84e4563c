using InstallLifecycle.Codes;

namespace InstallLifecycle.Precheck;

/// <summary>The body of a precheck (seed 002).</summary>
internal sealed record PrecheckBody(string? InstallCode, string? MachineId,
    string? SshFingerprint, string? Product, string? InstallerVersion);

/// <summary>A precheck whose fields are right.</summary>
/// <param name="Code">The code; null where it is malformed, which is as one that does not exist.</param>
/// <param name="Machine">The machine that asks.</param>
internal sealed record PrecheckRequest(InstallCode? Code, Machine Machine)
{
    private const string Product = "slowdns";

    public static Outcome<PrecheckRequest> Of(PrecheckBody body)
    {
        var fields = new Fields();
        string code = fields.Text("install_code", body.InstallCode);
        var machine = new Machine(fields.MachineId(body.MachineId), fields.SshFingerprint(body.SshFingerprint));
        string product = fields.Text("product", body.Product);
        fields.Version("installer_version", body.InstallerVersion);
        if (fields.Problem is { } problem) return problem;
        return product == Product ? new PrecheckRequest(InstallCode.Parse(code), machine) : InstallError.ProductNotSupported;
    }
}
