using InstallLifecycle;
using InstallLifecycle.Activations;

namespace TokenServer.Connect.Token.Grants;

/// <summary>urn:tokenserver:grant-type:install_precheck: an install token for a prechecked code, by the service, checks and limits of the install API (contract section 5, route 4).</summary>
internal sealed class InstallPrecheckGrant(Lifecycle lifecycle, TimeProvider clock) : IGrant
{
    public string Type => "urn:tokenserver:grant-type:install_precheck";

    // An installer is a public client by nature: what it holds, its machine's owner can read.
    public GrantRules Rules { get; } = new(AllowsPublicClient: true, CountsAsPassword: false);

    public async Task<GrantResult> AuthorizeAsync(TokenRequest request)
    {
        var body = new ActivateBody(request["install_code"], request["precheck_token"], request["hostname"], request["public_ip"],
            request["machine_id"], request["ssh_fingerprint"], request["requested_ref"], request["installer_version"]);
        var (activated, refused) = await lifecycle.ActivateAsync(body, Caller.Of(request.HttpContext) with { ClientId = request.Client.ClientId });
        return activated is null ? Translate(refused!) : Answer(activated);
    }

    private TokenResponse Answer(Activated activated)
    {
        long expiresIn = activated.InstallTokenExpiresAt.ToUnixTimeSeconds() - clock.GetUtcNow().ToUnixTimeSeconds();
        return new TokenResponse(activated.InstallToken, expiresIn, Scope: null, RefreshToken: null, IdToken: null)
        {
            WriteMore = json =>
            {
                json.WriteString("activation_id"u8, activated.ActivationId);
                json.WriteStartObject("machine_binding"u8);
                json.WriteString("hostname"u8, activated.MachineBinding.Hostname);
                json.WriteString("public_ip"u8, activated.MachineBinding.PublicIp);
                json.WriteString("machine_id"u8, activated.MachineBinding.MachineId);
                json.WriteString("ssh_fingerprint"u8, activated.MachineBinding.SshFingerprint);
                json.WriteEndObject();
            },
        };
    }

    private static OAuthError Translate(InstallError error) => error.Status switch
    {
        StatusCodes.Status400BadRequest => OAuthError.InvalidRequest(error.Message),
        StatusCodes.Status429TooManyRequests => OAuthError.SlowDown(error.RetryAfter ?? TimeSpan.Zero),
        _ => OAuthError.InvalidGrant($"{error.Code}: {error.Message}"),
    };
}
