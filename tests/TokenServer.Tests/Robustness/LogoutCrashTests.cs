using TokenServer.Tests.Support;

namespace TokenServer.Tests.Robustness;

/// <summary>What a killed server has not told yet, the next one tells.</summary>
public sealed class LogoutCrashTests
{
    [Fact]
    public async Task A_logout_that_was_answered_is_told_after_a_kill()
    {
        using var folder = new TemporaryFolder();
        await using var receiver = await LogoutReceiver.StartAsync();
        var held = new TaskCompletionSource();
        receiver.Answer = _ => held.Task;
        string import = Path.Combine(folder.Path, "import.json");
        await File.WriteAllTextAsync(import, LogoutRig.Import(receiver.Address));
        string[] settings = [$"--TokenServer:ImportFile={import}", "--TokenServer:Issuer=http://127.0.0.1", .. FaceRequests.NoLimits];
        string session;
        await using (var first = await CrashableServer.StartAsync(folder.Path, settings))
        {
            var tokens = await first.PostAsync("/connect/token", "shop", ("grant_type", "password"), ("username", "bob"),
                ("password", TestImport.Password), ("scope", "openid offline_access"));
            session = Jwt.Claims(tokens["id_token"]!).Text("sid");
            (await first.PostAsync("/connect/revoke", "shop", ("token", tokens["refresh_token"]!))).Status.Should().Be(200);
            await receiver.HasAsync(1);
            await first.KillAsync();
        }
        // The one who died had taken it, and holds it for as long as sending may take.
        held.SetResult();
        receiver.Answer = _ => Task.CompletedTask;
        await using var second = await CrashableServer.StartAsync(folder.Path, settings);
        await receiver.HasAsync(2);
        receiver.Claims.Should().AllSatisfy(c => c.Text("sid").Should().Be(session));
    }
}
