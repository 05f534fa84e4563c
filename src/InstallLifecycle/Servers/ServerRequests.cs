namespace InstallLifecycle.Servers;

/// <summary>The body of a registration.</summary>
internal sealed record RegisterBody(string? InstallToken, string? MachineId,
    string? SshFingerprint, string? Hostname, string? PublicIp, string? AgentVersion, bool? Ratchet = null, string? Receipt = null);

/// <summary>The body of a check-in; every field may be left out.</summary>
internal sealed record CheckinBody(string? Hostname = null, string? PublicIp = null,
    string? AgentVersion = null, string? CheckinKey = null, string? CheckinNonce = null)
{
    public CheckinBody() : this(null, null, null, null, null)
    {
    }
}

/// <summary>The body of a revocation; an administrator names the server.</summary>
internal sealed record RevokeBody(string? ServerId = null)
{
    public RevokeBody() : this(ServerId: null)
    {
    }
}

/// <summary>A registration whose fields are right: by the token of an install under way, or by the receipt of one that is done.</summary>
internal sealed record RegisterRequest(
    string? InstallToken, string? Receipt, Machine Machine, string Hostname, string PublicIp, string AgentVersion, bool HasRatchet)
{
    public static Outcome<RegisterRequest> Of(RegisterBody body)
    {
        var fields = new Fields();
        string? receipt = body.Receipt is null ? null : fields.Text("receipt", body.Receipt);
        string? token = receipt is null ? fields.Text("install_token", body.InstallToken) : null;
        var machine = new Machine(fields.MachineId(body.MachineId), fields.SshFingerprint(body.SshFingerprint));
        var request = new RegisterRequest(token, receipt, machine, fields.Hostname(body.Hostname),
            fields.PublicIp(body.PublicIp), fields.Version("agent_version", body.AgentVersion), body.Ratchet == true);
        return fields.Problem is { } problem ? problem : request;
    }
}

/// <summary>A check-in whose fields are right; null is what it does not say.</summary>
internal sealed record CheckinRequest(string? Hostname, string? PublicIp, string? AgentVersion, string? Key = null, string? Nonce = null)
{
    public static Outcome<CheckinRequest> Of(CheckinBody body)
    {
        var fields = new Fields();
        var request = new CheckinRequest(
            body.Hostname is null ? null : fields.Hostname(body.Hostname), body.PublicIp is null ? null : fields.PublicIp(body.PublicIp),
            body.AgentVersion is null ? null : fields.Version("agent_version", body.AgentVersion),
            body.CheckinKey is null ? null : fields.CheckinKey(body.CheckinKey),
            body.CheckinNonce is null ? null : fields.CheckinNonce(body.CheckinNonce));
        return fields.Problem is { } problem ? problem : request;
    }
}
