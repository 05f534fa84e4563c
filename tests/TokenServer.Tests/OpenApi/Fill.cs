using TokenServer.Tests.Support;

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
        ("introspect", "access_token") or ("revokeToken", "revoked") => new() { ["token"] = await rig.JaneAsync() },
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
        ("adminRevokeServer", _) or ("listServers", _) => new() { ["id"] = (await rig.ServerAsync()).Id },
        ("listActivations", _) => new() { ["id"] = (await rig.ActivatedAsync()).ActivationId },
        ("listInstallCodes", _) or ("revokeInstallCode", _) => await CodeAsync(rig),
        ("getClient" or "changeClient" or "deleteClient" or "rotateClientSecret" or "revokeClient" or "restoreClient", _) => new() { ["clientId"] = await rig.ClientAsync() },
        ("listScopes" or "getScope" or "changeScope" or "deleteScope", _) => new() { ["name"] = await rig.ScopeAsync() },
        ("getUser" or "changeUser" or "deleteUser" or "disableUser" or "enableUser" or "listUserSessions", _) => new() { ["id"] = rig.UserId((await rig.UserAsync()).Name).ToString() },
        ("endSession", _) => new() { ["id"] = (await rig.NewestAsync("sessions")).GetProperty("id").GetString() },
        _ => new(),
    };

    /// <summary>The header that shows the credentials of a scheme; null where there are none.</summary>
    public async Task<(string Name, string Value)?> HeaderAsync(Rig rig, string operation, string? way) => way switch
    {
        null => null,
        "clientSecret" => ("Authorization", OAuth.Basic(operation == "introspect" ? "api" : "web", operation == "introspect" ? "api-demo-secret" : "web-demo-secret").ToString()),
        "browserSession" => ("Cookie", await rig.BrowserAsync()),
        "apiKey" => ("Authorization", "Bearer " + await rig.ApiKeyAsync()),
        "pinToken" => ("Authorization", "Bearer " + await rig.PinTokenAsync()),
        _ => ("Authorization", "Bearer " + (this.GetValueOrDefault(Credentials) ?? await rig.JaneAsync())),
    };

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
