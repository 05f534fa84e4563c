using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Passkeys;

namespace TokenServer.Tests.OpenApi;

/// <summary>What stands in the examples for tokens, ids and codes, by name: real ones, made for the one request. Null leaves the member out.</summary>
internal sealed class Fill : Dictionary<string, string?>
{
    /// <summary>The name under which a fill gives the credentials that a header shows.</summary>
    public const string Credentials = "(credentials)";

    /// <summary>What a request example of an operation needs, however it authenticates.</summary>
    public static async Task<Fill> ForAsync(Rig rig, string operation, string example, string? way) => (operation, example) switch
    {
        ("requestToken", "refresh_token") => new() { ["refresh_token"] = await rig.RefreshTokenAsync() },
        ("requestToken", "two_factor") => Codes(await rig.SecondFactorAsync("", null)),
        ("requestToken", "install_precheck") or ("activateInstall", _) => Prechecked(await rig.PrecheckedAsync(), example),
        ("requestToken", "device_waiting") => new() { ["device_code"] = await rig.DeviceAsync() },
        ("introspect", "access_token") or ("revokeToken", "revoked") or ("explainToken", "active") => new() { ["token"] = await rig.JaneAsync() },
        ("revoke", "refresh_token") => new() { ["token"] = await rig.RefreshTokenAsync() },
        ("postUserInfo", _) => new() { ["access_token"] = way is null ? await rig.JaneAsync() : null },
        ("inTunnelVerify", "signed_in" or "wrong_code") => Codes(await rig.SecondFactorAsync("/api/login", "email"), example),
        ("vpnVerify", "signed_in" or "wrong_code") => Codes(await rig.SecondFactorAsync("/auth/login", "email"), example),
        ("accountVerify", "signed_in" or "wrong_code") => Codes(await rig.SecondFactorAsync("/api/v1/auth/login", "username"), example),
        ("vpnRefresh", "refreshed") => new() { ["refresh_token"] = (await rig.Server.CallAsync("POST", "/auth/login", body: new { email = "jane.doe@example.com", password = Rig.JanesPassword }))["refresh_token"] },
        ("accountRefresh", "refreshed") => new() { ["refreshToken"] = (await rig.Server.CallAsync("POST", "/api/v1/auth/login", body: new { username = "jane.doe", password = Rig.JanesPassword }))["refreshToken"] },
        ("listTunnels", _) or ("regenerateTunnel", _) or ("deleteTunnel", _) => new() { ["id"] = (await rig.Server.AddTunnelAsync(await rig.JaneAsync(), rig.Name("tunnel"))).Id.ToString() },
        ("addTunnel", "taken") => await TakenAsync(rig),
        ("listApiKeys", _) or ("deleteApiKey", _) => new() { ["keyId"] = (await rig.Server.AddKeyAsync(await rig.JaneAsync(), rig.Name("key"))).Id },
        ("changePassword", _) or ("setUpSecondFactor", _) => new() { [Credentials] = (await rig.UserAsync()).Token },
        ("enableSecondFactor", _) => await EnrolledAsync(rig, example),
        ("disableSecondFactor", _) => await EnabledAsync(rig, example),
        ("precheckInstall", "prechecked") => new() { ["install_code"] = await rig.CodeAsync() },
        ("confirmInstall", "confirmed" or "install_token_invalid") or ("releaseInstall", "released") => Activated(await rig.ActivatedAsync(), example),
        ("registerServer", "registered" or "machine_mismatch") => new() { ["install_token"] = (await rig.ActivatedAsync()).Token },
        ("registerServer", "again") => new() { ["install_token"] = (await rig.ServerAsync()).InstallToken },
        ("checkIn", _) or ("getStatus", _) when way is not null => new() { [Credentials] = (await rig.ServerAsync()).Token },
        ("revokeServer", _) => Revoked(await rig.ServerAsync(), way),
        ("getInstallReceipt", _) => new() { [Credentials] = (await rig.ConfirmedAsync()).ServerToken },
        ("getCodeReceipt", _) => await ReceiptAsync(rig),
        ("getActivationReceipt", _) => new() { ["id"] = (await rig.ConfirmedAsync()).ActivationId },
        ("resolveServer", "resolved") => new() { ["id"] = await rig.SuspectedAsync() },
        ("resolveServer", _) => new() { ["id"] = (await rig.ServerAsync()).Id },
        ("adminRevokeServer", _) or ("listServers", _) => new() { ["id"] = (await rig.ServerAsync()).Id },
        ("listActivations", _) => new() { ["id"] = (await rig.ActivatedAsync()).ActivationId },
        ("listInstallCodes", _) or ("revokeInstallCode", _) => await CodeAsync(rig),
        ("getClient" or "changeClient" or "deleteClient" or "rotateClientSecret" or "revokeClient" or "restoreClient" or "endClientSessions", _) => new() { ["clientId"] = await rig.ClientAsync() },
        ("endOldClientSecret", _) => new() { ["clientId"] = await rig.ClientOfTwoSecretsAsync() },
        ("listScopes" or "getScope" or "changeScope" or "deleteScope", _) => new() { ["name"] = await rig.ScopeAsync() },
        ("getUser" or "changeUser" or "deleteUser" or "disableUser" or "enableUser" or "unlockUser" or "endUserSessions" or "listUserSessions", _) => new() { ["id"] = rig.UserId((await rig.UserAsync()).Name).ToString() },
        ("listUserPasskeys" or "removeUserPasskey", _) => await PasskeyAsync(rig),
        ("listUserAuthenticators" or "removeUserAuthenticator" or "removeUserSecondFactor", _) => await AuthenticatorAsync(rig),
        ("confirmUserEmail" or "refuseUserEmail", _) => await EmailChangeAsync(rig),
        ("endSession", _) => new() { ["id"] = (await rig.NewestAsync("sessions")).GetProperty("id").GetString() },
        _ => new(),
    };

    /// <summary>The header that shows the credentials of a scheme; null where there are none.</summary>
    public async Task<(string Name, string Value)?> HeaderAsync(Rig rig, string operation, string? way) => way switch
    {
        null => null,
        "clientSecret" => ("Authorization", OAuth.Basic(IsReaders(operation) ? "api" : "web", IsReaders(operation) ? "api-demo-secret" : "web-demo-secret").ToString()),
        "browserSession" => ("Cookie", this.GetValueOrDefault(Credentials) ?? await rig.BrowserAsync()),
        "apiKey" => ("Authorization", "Bearer " + await rig.ApiKeyAsync()),
        "pinToken" => ("Authorization", "Bearer " + await rig.PinTokenAsync()),
        _ => ("Authorization", "Bearer " + (this.GetValueOrDefault(Credentials) ?? await rig.JaneAsync())),
    };

    // Of a resource server.
    private static bool IsReaders(string operation) => operation is "introspect" or "pollRevocations";

    private static async Task<Fill> PasskeyAsync(Rig rig)
    {
        string user = (await rig.UserAsync()).Name;
        return new() { ["id"] = rig.UserId(user).ToString(), ["passkey"] = await rig.Server.InsertPasskeyAsync(user) };
    }

    private static async Task<Fill> AuthenticatorAsync(Rig rig)
    {
        string user = (await rig.UserAsync()).Name;
        return new() { ["id"] = rig.UserId(user).ToString(), ["authenticator"] = (await rig.Server.AddAuthenticatorAsync(user)).Id };
    }

    private static async Task<Fill> EmailChangeAsync(Rig rig)
    {
        string user = (await rig.UserAsync()).Name;
        return new() { ["id"] = rig.UserId(user).ToString(), ["change"] = await rig.Server.WantEmailAsync(user, $"new-{user}@example.com") };
    }

    private static Fill Codes((string TempToken, string Code) made, string example = "") => example == "wrong_code" ? new() { ["temp_token"] = made.TempToken } : new() { ["temp_token"] = made.TempToken, ["code"] = made.Code };

    private static Fill Prechecked((string Code, string Token) made, string example) => example == "precheck_token_invalid" ? new() { ["install_code"] = made.Code } : new() { ["install_code"] = made.Code, ["precheck_token"] = made.Token };

    private static Fill Activated((string ActivationId, string Token) made, string example) => example == "confirmed" ? new() { ["activation_id"] = made.ActivationId, ["install_token"] = made.Token } : new() { ["activation_id"] = made.ActivationId };

    private static Fill Revoked((string Id, string Token, string InstallToken) made, string? way)
    {
        var fill = new Fill { ["server_id"] = made.Id };
        if (way == "serverToken") fill[Credentials] = made.Token;
        return fill;
    }

    private static async Task<Fill> CodeAsync(Rig rig)
    {
        await rig.PrecheckedAsync();
        return new() { ["id"] = (await rig.NewestAsync("installs/codes")).GetProperty("id").ToString() };
    }

    private static async Task<Fill> ReceiptAsync(Rig rig)
    {
        var install = await rig.ConfirmedAsync();
        return new() { ["activation_id"] = install.ActivationId, [Credentials] = install.Cookie };
    }

    private static async Task<Fill> TakenAsync(Rig rig)
    {
        await rig.Server.AddTunnelAsync(await rig.JaneAsync(), "home");
        return [];
    }

    private static async Task<Fill> EnrolledAsync(Rig rig, string example)
    {
        string token = (await rig.UserAsync()).Token, code = rig.NewCode(await rig.SetUpAsync(token));
        return example == "wrong_code" ? new() { [Credentials] = token } : new() { [Credentials] = token, ["code"] = code };
    }

    private static async Task<Fill> EnabledAsync(Rig rig, string example)
    {
        string token = (await rig.UserAsync(Rig.JohnsPassword)).Token, secret = await rig.SetUpAsync(token);
        (await rig.Server.CallAsync("POST", "/api/v1/auth/2fa/enable", token, new { code = rig.NewCode(secret) })).Status.Should().Be(200);
        return example == "wrong_code" ? new() { [Credentials] = token } : new() { [Credentials] = token, ["code"] = rig.NewCode(secret) };
    }
}
