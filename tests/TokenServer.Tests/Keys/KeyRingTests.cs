using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Storage;
using TokenServer.Tests.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Keys;

/// <summary>Announced, active, retiring, gone: the life of a signing key.</summary>
public sealed class KeyRingTests
{
    [Fact]
    public async Task Each_algorithm_has_one_active_and_one_announced_key_all_published()
    {
        await using var server = await TestServer.StartAsync();
        Phases(server).Should().BeEquivalentTo("ES256 Active", "ES256 Announced", "RS256 Active", "RS256 Announced");
        (await PublishedAsync(server)).Should().BeEquivalentTo(server.Get<KeyRing>().Keys.Select(k => k.Key.KeyId));
    }

    [Fact]
    public async Task A_rotation_puts_the_announced_key_to_work_announces_another_and_retires_the_old()
    {
        await using var server = await TestServer.StartAsync();
        var keys = server.Get<KeyRing>();
        string old = keys.Active(SigningKey.ES256).KeyId, announced = Key(server, KeyPhase.Announced);
        (await keys.RotateAsync(SigningKey.ES256, "test")).Should().BeTrue();
        keys.Active(SigningKey.ES256).KeyId.Should().Be(announced);
        Key(server, KeyPhase.Retiring).Should().Be(old);
        Key(server, KeyPhase.Announced).Should().NotBe(old).And.NotBe(announced);
    }

    [Fact]
    public async Task Tokens_of_the_retiring_key_stay_good_and_new_ones_come_from_the_new_key()
    {
        await using var server = await TestServer.StartAsync();
        string before = (await server.SignInAsync())["access_token"]!;
        await server.Get<KeyRing>().RotateAsync(SigningKey.ES256, "test");
        string after = (await server.SignInAsync())["access_token"]!;
        KeyIdOf(after).Should().Be(server.Get<KeyRing>().Active(SigningKey.ES256).KeyId).And.NotBe(KeyIdOf(before));
        (await server.IsActiveAsync(before)).Should().BeTrue();
        (await server.IsActiveAsync(after)).Should().BeTrue();
        (await PublishedAsync(server)).Should().Contain(KeyIdOf(before));
    }

    [Fact]
    public async Task Keys_rotate_by_themselves_when_they_have_signed_for_long_enough()
    {
        await using var server = await TestServer.StartAsync();
        var keys = server.Get<KeyRing>();
        string[] before = [.. KeyRing.Algorithms.Select(a => keys.Active(a).KeyId)];
        server.Clock.Advance(TimeSpan.FromDays(90) - TimeSpan.FromMinutes(2));
        await keys.MaintainAsync();
        KeyRing.Algorithms.Select(a => keys.Active(a).KeyId).Should().Equal(before);
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        await keys.MaintainAsync();
        KeyRing.Algorithms.Select(a => keys.Active(a).KeyId).Should().NotIntersectWith(before);
        Phases(server).Should().HaveCount(6);
        await keys.MaintainAsync();
        Phases(server).Should().HaveCount(6);
    }

    [Fact]
    public async Task No_key_signs_before_it_was_announced_for_long_enough()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:Keys:Active=01:00:00", "--TokenServer:Keys:Announced=1.00:00:00"]);
        string before = server.Get<KeyRing>().Active(SigningKey.ES256).KeyId;
        server.Clock.Advance(TimeSpan.FromHours(23));
        await server.Get<KeyRing>().MaintainAsync();
        server.Get<KeyRing>().Active(SigningKey.ES256).KeyId.Should().Be(before);
        server.Clock.Advance(TimeSpan.FromHours(1));
        await server.Get<KeyRing>().MaintainAsync();
        server.Get<KeyRing>().Active(SigningKey.ES256).KeyId.Should().NotBe(before);
    }

    [Fact]
    public async Task A_retired_key_leaves_the_key_set_when_no_token_of_its_can_be_alive()
    {
        await using var server = await TestServer.StartAsync();
        var keys = server.Get<KeyRing>();
        string retired = keys.Active(SigningKey.ES256).KeyId;
        await keys.RotateAsync(SigningKey.ES256, "test");
        server.Clock.Advance(TimeSpan.FromDays(8));
        await keys.MaintainAsync();
        (await PublishedAsync(server)).Should().Contain(retired);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await keys.MaintainAsync();
        (await PublishedAsync(server)).Should().NotContain(retired);
        keys.Find(retired).Should().BeNull();
    }

    [Fact]
    public async Task Two_processes_that_rotate_at_once_rotate_once()
    {
        await using var server = await TestServer.StartAsync();
        await using var other = await TestServer.StartAsync(folder: server.Folder, clock: server.Clock);
        bool[] won = await Task.WhenAll(server.Get<KeyRing>().RotateAsync(SigningKey.ES256, "one"), other.Get<KeyRing>().RotateAsync(SigningKey.ES256, "other"));
        won.Should().ContainSingle(w => w);
        Phases(server).Where(p => p.StartsWith("ES256", StringComparison.Ordinal)).Should().BeEquivalentTo("ES256 Active", "ES256 Announced", "ES256 Retiring");
    }

    [Fact]
    public async Task A_restart_signs_with_the_same_keys()
    {
        using var folder = new TemporaryFolder();
        string token;
        await using (var server = await TestServer.StartAsync(folder: folder.Path, settings: ["--TokenServer:Issuer=http://id.example.com"])) token = (await server.SignInAsync())["access_token"]!;
        await using var again = await TestServer.StartAsync(folder: folder.Path, settings: ["--TokenServer:Issuer=http://id.example.com"]);
        (await again.IsActiveAsync(token)).Should().BeTrue();
        KeyIdOf((await again.SignInAsync())["access_token"]!).Should().Be(KeyIdOf(token));
    }

    [Fact]
    public async Task Private_keys_are_not_in_clear_in_the_database()
    {
        await using var server = await TestServer.StartAsync();
        byte[] files = Files.OfDatabase(server.Folder);
        var protector = server.Get<IDataProtectionProvider>().CreateProtector("SigningKeys");
        var keys = server.Get<Database>().Read(s => s.All("""SELECT "Algorithm", "Sealed" FROM "SigningKeys" """, r => (Algorithm: r.GetString(0), Pkcs8: protector.Unprotect(Convert.FromBase64String(r.GetString(1))))));
        keys.Should().HaveCount(4);
        foreach (var (algorithm, pkcs8) in keys)
        {
            files.ShouldNotContain(pkcs8, "a private key");
            files.ShouldNotContain(SecretOf(algorithm, pkcs8), "the secret number of a private key");
        }
    }

    [SqliteFact("on PostgreSQL the keys that open the keys are in the database")]
    public async Task A_lost_data_directory_stops_the_start_and_is_named()
    {
        using var folder = new TemporaryFolder();
        (await ServerProcess.RunAsync(folder.Path, ["keys", "list", "--create"])).ExitCode.Should().Be(0);
        Directory.Delete(Path.Combine(folder.Path, "keys"), recursive: true);
        var ended = await ServerProcess.RunAsync(folder.Path, ["serve", "--urls=http://127.0.0.1:0"]);
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain("TokenServer:DataDirectory").And.NotContain("   at ");
    }

    private static byte[] SecretOf(string algorithm, byte[] pkcs8)
    {
        using AsymmetricAlgorithm key = algorithm == SigningKey.ES256 ? ECDsa.Create() : RSA.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        return key is ECDsa ec ? ec.ExportParameters(true).D! : ((RSA)key).ExportParameters(true).D!;
    }

    private static IEnumerable<string> Phases(TestServer server) => server.Get<KeyRing>().Keys.Select(k => $"{k.Key.Algorithm} {k.Phase}");

    private static string Key(TestServer server, KeyPhase phase) => server.Get<KeyRing>().Keys.Single(k => k.Key.Algorithm == SigningKey.ES256 && k.Phase == phase).Key.KeyId;

    private static string KeyIdOf(string token) =>
        JsonDocument.Parse(Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.AsSpan(0, token.IndexOf('.'))))).RootElement.GetProperty("kid").GetString()!;

    private static async Task<string[]> PublishedAsync(TestServer server)
    {
        using var jwks = JsonDocument.Parse(await server.Http.GetStringAsync("/.well-known/jwks"));
        return [.. jwks.RootElement.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("kid").GetString()!)];
    }
}
