using System.Text.Json;

namespace Browser.Tests.Support;

/// <summary>An authenticator that Chromium has by itself (DevTools protocol, domain WebAuthn): it touches and verifies whenever it is
/// asked.</summary>
internal sealed class VirtualAuthenticator(ICDPSession devTools, string id)
{
    /// <summary>Gives the browser of <paramref name="page"/> one: the device's own, or a key at its USB port.</summary>
    public static async Task<VirtualAuthenticator> OfAsync(IPage page, string transport = "internal")
    {
        var devTools = await page.Context.NewCDPSessionAsync(page);
        await devTools.SendAsync("WebAuthn.enable", new() { ["enableUI"] = false });
        var options = new Dictionary<string, object>
        {
            ["protocol"] = "ctap2", ["transport"] = transport, ["hasResidentKey"] = true, ["hasUserVerification"] = true,
            ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
        };
        var answer = await devTools.SendAsync("WebAuthn.addVirtualAuthenticator", new() { ["options"] = options });
        return new(devTools, answer!.Value.GetProperty("authenticatorId").GetString()!);
    }

    /// <summary>Its passkeys, as the protocol has them.</summary>
    public async Task<JsonElement[]> CredentialsAsync() =>
        [.. (await DoAsync("getCredentials"))!.Value.GetProperty("credentials").EnumerateArray()];

    /// <summary>Whether its owner unlocks it.</summary>
    public Task VerifyAsync(bool isVerified) => DoAsync("setUserVerified", ("isUserVerified", isVerified));

    /// <summary>Whether its owner touches it: else a question waits.</summary>
    public Task TouchAsync(bool isTouched) => DoAsync("setAutomaticPresenceSimulation", ("enabled", isTouched));

    /// <summary>Puts a passkey back with other members, as a copy of it is made.</summary>
    public async Task ReplaceAsync(JsonElement credential, params (string Name, object Value)[] changes)
    {
        var changed = credential.EnumerateObject().ToDictionary(p => p.Name, p => (object)p.Value);
        foreach (var (name, value) in changes) changed[name] = value;
        await DoAsync("removeCredential", ("credentialId", credential.GetProperty("credentialId")));
        await DoAsync("addCredential", ("credential", changed));
    }

    public Task RemoveAsync() => DoAsync("removeVirtualAuthenticator");

    private Task<JsonElement?> DoAsync(string act, params (string Name, object Value)[] parameters)
    {
        var all = parameters.ToDictionary(p => p.Name, p => p.Value);
        all["authenticatorId"] = id;
        return devTools.SendAsync("WebAuthn." + act, all);
    }
}
