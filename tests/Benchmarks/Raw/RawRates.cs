using System.Diagnostics;
using System.Security.Cryptography;
using Benchmarks.Servers;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Benchmarks.Raw;

/// <summary>What the machine's cryptography does at best, on every core at once and with nothing around it.</summary>
internal static class RawRates
{
    private const int PasswordRounds = 210_000;

    /// <summary>ES256 signatures over as many bytes as an access token's header and claims have.</summary>
    public static Measurement Signatures(TimeSpan length) => OnEveryCore(length, () =>
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] data = new byte[330], signature = new byte[64];
        return () => key.SignData(data, signature, HashAlgorithmName.SHA256);
    });

    /// <summary>Access tokens with the claims of a worker's, made whole by Microsoft.IdentityModel.</summary>
    public static Measurement IdentityModelTokens(TimeSpan length) => OnEveryCore(length, () =>
    {
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        var key = new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = new string('k', 43) };
        var credentials = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256);
        return () => handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = "at+jwt", SigningCredentials = credentials,
            Claims = new Dictionary<string, object>
            {
                ["iss"] = "https://id.example.com/", ["sub"] = "worker", ["aud"] = "api", ["client_id"] = "worker", ["scope"] = "api",
                ["exp"] = 1_800_003_600L, ["iat"] = 1_800_000_000L, ["jti"] = "0123456789abc",
            },
        });
    });

    /// <summary>PBKDF2-SHA512 with as many rounds as a stored password has.</summary>
    public static Measurement PasswordHashes(TimeSpan length) => OnEveryCore(length, () =>
    {
        byte[] salt = new byte[16], hash = new byte[32];
        return () => Rfc2898DeriveBytes.Pbkdf2(TokenServerProcess.Password, salt, hash, PasswordRounds, HashAlgorithmName.SHA512);
    });

    private static Measurement OnEveryCore(TimeSpan length, Func<Action> prepare)
    {
        double[] rates = new double[Environment.ProcessorCount];
        var threads = rates.Select((_, i) => new Thread(() => rates[i] = Rate(length, prepare()))).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return new(rates.Sum(), 0, 0, 0, 0);
    }

    private static double Rate(TimeSpan length, Action work)
    {
        var clock = Stopwatch.StartNew();
        int done = 0;
        for (; clock.Elapsed < length; done++) work();
        return done / clock.Elapsed.TotalSeconds;
    }
}
