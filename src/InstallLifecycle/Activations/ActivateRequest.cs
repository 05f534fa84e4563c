using System.Text.Json.Serialization;
using InstallLifecycle.Codes;

namespace InstallLifecycle.Activations;

/// <summary>The fields of an activation as they came (seed 002, "Activate install code").</summary>
public sealed record ActivateBody(
    string? InstallCode, string? PrecheckToken, string? Hostname, string? PublicIp,
    string? MachineId, string? SshFingerprint, string? RequestedRef, string? InstallerVersion, string? SshSignature = null);

/// <summary>An activation whose fields are right.</summary>
internal sealed record ActivateRequest(InstallCode? Code, string PrecheckToken,
    MachineBinding Binding, string RequestedRef, string InstallerVersion, string? SshSignature)
{
    public Machine Machine => new(Binding.MachineId, Binding.SshFingerprint);

    public static Outcome<ActivateRequest> Of(ActivateBody body)
    {
        var fields = new Fields();
        string code = fields.Text("install_code", body.InstallCode), token = fields.Text("precheck_token", body.PrecheckToken);
        string hostname = fields.Hostname(body.Hostname), address = fields.PublicIp(body.PublicIp);
        var binding = new MachineBinding(hostname, address, fields.MachineId(body.MachineId), fields.SshFingerprint(body.SshFingerprint));
        string requestedRef = fields.RequestedRef(body.RequestedRef), version = fields.Version("installer_version", body.InstallerVersion);
        // An empty one is as good as any that is wrong, and is answered so.
        string? signature = string.IsNullOrEmpty(body.SshSignature) ? body.SshSignature
            : fields.Text("ssh_signature", body.SshSignature, Fields.LongestKey);
        return fields.Problem is { } problem
            ? problem : new ActivateRequest(Codes.InstallCode.Parse(code), token, binding, requestedRef, version, signature);
    }
}

/// <summary>What an activation is bound to.</summary>
/// <param name="Hostname">The DNS name, lower case.</param>
/// <param name="PublicIp">The public address.</param>
/// <param name="MachineId">32 hex digits, lower case.</param>
/// <param name="SshFingerprint"><c>SHA256:</c> and 43 base64 characters.</param>
public sealed record MachineBinding(string Hostname, string PublicIp, string MachineId, string SshFingerprint);

/// <summary>An activation's answer (seed 002).</summary>
/// <param name="ActivationId"><c>act_</c> and 16 hex digits.</param>
/// <param name="InstallToken">The token that the rest of the install is done with.</param>
/// <param name="InstallTokenExpiresAt">Its end.</param>
/// <param name="InstallCode">The code in canonical form.</param>
/// <param name="MachineBinding">What it is bound to.</param>
public sealed record Activated(string ActivationId, string InstallToken,
    DateTimeOffset InstallTokenExpiresAt, string InstallCode, MachineBinding MachineBinding)
{
    /// <summary>Whether the machine has proved its host key; said only where it has.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HostKeyProven { get; init; }
}
