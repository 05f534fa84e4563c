using TokenServer.Accounts.Pins;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>A server with one good token of every kind.</summary>
public sealed class EveryTokenServer : IAsyncLifetime
{
    /// <summary>The kinds that stand for a session, and are good on every route of the account faces.</summary>
    internal static readonly string[] Sessions = ["OAuth access", "opaque access", "InTunnel session", "VPN access", "Account access"];

    /// <summary>The kinds of the install lifecycle.</summary>
    internal static readonly string[] Installs = ["precheck", "install", "server"];

    /// <summary>Every kind.</summary>
    internal static readonly string[] Kinds =
    [
        .. Sessions, "API key", "OAuth refresh", "face refresh", "OAuth temp", "face temp", "id_token", "tunnel", "PIN", "client's own", "client's own opaque", .. Installs, "garbage",
    ];

    private readonly Dictionary<string, string> tokens = [];

    internal TestServer Server { get; private set; } = null!;

    internal string this[string kind] => tokens[kind];

    public async Task InitializeAsync()
    {
        Server = await TestServer.StartAsync([.. FaceRequests.NoLimits, .. InstallRequests.NoInstallLimits]);
        Door connect = Door.Connect, inTunnel = Door.InTunnel, vpn = Door.Vpn, account = Door.Account;
        var client = await connect.SignInAsync(Server);
        var face = await account.SignInAsync(Server);
        tokens["OAuth access"] = connect.AccessToken(client);
        tokens["id_token"] = client["id_token"]!;
        tokens["OAuth refresh"] = connect.RefreshToken(client)!;
        tokens["Account access"] = account.AccessToken(face);
        tokens["face refresh"] = account.RefreshToken(face)!;
        tokens["opaque access"] = (await Server.SignInAsync("opaque", "bob", "openid api"))["access_token"]!;
        tokens["InTunnel session"] = await inTunnel.TokenAsync(Server);
        tokens["VPN access"] = await vpn.TokenAsync(Server);
        tokens["API key"] = (await Server.AddKeyAsync(tokens["Account access"])).Key;
        tokens["tunnel"] = (await Server.AddTunnelAsync(tokens["Account access"])).Token;
        tokens["OAuth temp"] = await connect.TempTokenAsync(Server);
        tokens["face temp"] = await account.TempTokenAsync(Server);
        await Server.Get<PinFile>().SetAsync("1234", "test");
        tokens["PIN"] = (await Server.CallAsync("POST", "/api/auth", null, new { pin = "1234" }))["token"]!;
        tokens["client's own"] = await Server.WorkerTokenAsync();
        tokens["client's own opaque"] = await Server.WorkerTokenAsync("opaque");
        var install = await new Installation(Server).UpToAsync(Installation.Register);
        (tokens["precheck"], tokens["install"], tokens["server"]) = (install.PrecheckToken, install.InstallToken, install.ServerToken);
        tokens["garbage"] = "garbage";
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
