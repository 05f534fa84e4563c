using TokenServer.Accounts.Pins;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>A secret is in the one answer that shows it, and in no other page, no log and no audit entry (contract sections 0 and 6).</summary>
public sealed class SecretTests
{
    private static readonly string[] Everything = ["--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft=Trace", "--Logging:LogLevel:Quartz=Trace"];

    [Fact]
    public async Task After_every_act_no_page_no_log_and_no_entry_has_a_secret()
    {
        await using var admin = await AdminServer.StartAsync(Everything);
        var secrets = await ActAsync(admin);
        var pages = new List<string>();
        foreach (string list in (string[])["/clients", "/clients/made", "/users", $"/users/{admin.IdOf("ann")}", "/sessions", "/installs/codes", "/installs/activations", "/servers", "/keys", "/audit?limit=200"])
            pages.Add((await admin.DoAsync("GET " + list)).Body);
        pages.AddRange(admin.Server.Get<Database>().Read(s => s.All("""SELECT "Event"||' '||coalesce("Actor",'')||' '||coalesce("Target",'')||' '||coalesce("ClientId",'')||' '||coalesce("Address",'')||' '||coalesce("Detail",'') FROM "Audit" """, r => r.GetString(0))));
        secrets.Add(admin.Token);
        await admin.Server.StopAsync();
        admin.Server.Log.Lines.Should().NotBeEmpty();
        foreach (string secret in secrets)
        {
            secret.Length.Should().BeGreaterThan(8);
            pages.Should().NotContain(p => p.Contains(secret, StringComparison.Ordinal));
            admin.Server.Log.Lines.Should().NotContain(l => l.Contains(secret, StringComparison.Ordinal));
        }
    }

    private static async Task<List<string>> ActAsync(AdminServer admin)
    {
        var server = admin.Server;
        const string Password = "a password of ann's", Wrong = "a-wrong-bearer-token";
        string made = (await admin.DoAsync("POST /clients", new { client_id = "made", grant_types = new[] { "client_credentials" } }, 201))["client_secret"]!;
        string rotated = (await admin.DoAsync("POST /clients/made/secret"))["client_secret"]!;
        await admin.DoAsync("POST /users", new { username = "ann", email = "ann@example.com", password = Password }, 201);
        await admin.CallAsync("POST /users", new { username = "ann", email = "ann@example.com", password = Password });
        await admin.CallAsync("POST /clients", "{\"client_id\":\"x\",\"client_secret\":\"" + made + "\"}");
        await admin.CallAsync("POST /users", "{\"username\":\"x\",\"password\":\"" + Password + "\",");
        await server.CallAsync("GET", "/admin/api/clients", Wrong);
        await server.CallAsync("GET", "/admin/api/clients?access_token=" + Wrong, null);
        var install = await Installation.RegisteredAsync(server);
        string face = (await ((Door)Door.Account).SignInAsync(server, "ann", Password))["token"]!;
        string key = (await server.AddKeyAsync(face)).Key, tunnel = (await server.AddTunnelAsync(face)).Token;
        await server.Get<PinFile>().SetAsync("1234", "test");
        string pin = (await server.CallAsync("POST", "/api/auth", null, new { pin = "1234" }))["token"]!, worker = await server.WorkerTokenAsync();
        string[] tokens = [face, key, tunnel, pin, worker, install.ServerToken, install.InstallToken, install.PrecheckToken];
        foreach (string token in tokens) await admin.DoAsync("POST /tokens/revoke", new { token });
        await admin.DoAsync("POST /keys/rotate");
        return [made, rotated, Password, Wrong, TestImport.Secret, TestImport.Password, install.Code, .. tokens];
    }
}
