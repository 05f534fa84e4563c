using System.Text.Json.Nodes;
using InstallLifecycle;
using InstallLifecycle.Activations;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Clients;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token.Grants;

/// <summary>
/// urn:tokenserver:grant-type:install_precheck: an install token for a prechecked code, by the service, checks and limits of the
/// install API (contract section 5, route 4). An installer is a public client by nature: what it holds, its machine's owner can read.
/// </summary>
internal sealed class InstallPrecheckGrant(Lifecycle lifecycle, IOpenIddictServerDispatcher dispatcher, TimeProvider clock)
    : GrantHandler(KnownGrants.InstallPrecheck)
{
    protected override async ValueTask HandleAsync(HandleTokenRequestContext context, ConnectRequest request)
    {
        string? Of(string name) => (string?)context.Request[name];
        var body = new ActivateBody(Of("install_code"), Of("precheck_token"), Of("hostname"), Of("public_ip"),
            Of("machine_id"), Of("ssh_fingerprint"), Of("requested_ref"), Of("installer_version"), Of("ssh_signature"));
        var caller = Caller.Of(request.Http) with { ClientId = request.Client!.ClientId };
        var (activated, refused) = await lifecycle.ActivateAsync(body, caller);
        if (activated is null)
        {
            request.IsRecorded = true;
            context.Refuse(Translate(refused!));
            return;
        }
        // The token is the lifecycle's own, so there is no sign-in: the answer is made here and written as any other.
        context.Transaction.Response = Answer(activated);
        await dispatcher.DispatchAsync(new ApplyTokenResponseContext(context.Transaction));
        context.HandleRequest();
    }

    private OpenIddictResponse Answer(Activated activated)
    {
        var response = Describe(activated);
        // As the install API: only where it is so.
        if (activated.HostKeyProven) response["host_key_proven"] = true;
        return response;
    }

    private OpenIddictResponse Describe(Activated activated) => new()
    {
        AccessToken = activated.InstallToken,
        TokenType = OpenIddictConstants.TokenTypes.Bearer,
        ExpiresIn = activated.InstallTokenExpiresAt.ToUnixTimeSeconds() - clock.GetUtcNow().ToUnixTimeSeconds(),
        ["activation_id"] = activated.ActivationId,
        ["machine_binding"] = new JsonObject
        {
            ["hostname"] = activated.MachineBinding.Hostname,
            ["public_ip"] = activated.MachineBinding.PublicIp,
            ["machine_id"] = activated.MachineBinding.MachineId,
            ["ssh_fingerprint"] = activated.MachineBinding.SshFingerprint,
        },
    };

    private static OAuthError Translate(InstallError error) => error.Status switch
    {
        StatusCodes.Status400BadRequest => OAuthError.InvalidRequest(error.Message),
        StatusCodes.Status429TooManyRequests => OAuthError.SlowDown(error.RetryAfter ?? TimeSpan.Zero),
        _ => OAuthError.InvalidGrant($"{error.Code}: {error.Message}"),
    };
}
