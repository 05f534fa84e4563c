using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Benchmarks.Servers;
using NSec.Cryptography;

namespace Benchmarks.Load;

/// <summary>client_credentials with a DPoP proof (RFC 9449), another one each time. They are signed before the run, since clients do that
/// elsewhere; where a run needs more, as it goes.</summary>
internal sealed class BoundRequests : IRequestSource
{
    private const string Form = "grant_type=client_credentials&scope=api", Address = "https://bench.example/connect/token";
    private readonly Func<byte[], byte[]> sign;
    private readonly string header;
    private readonly byte[][] signed;
    private int next;

    /// <param name="algorithm"><c>ES256</c>, <c>PS256</c> or <c>Ed25519</c>.</param>
    /// <param name="count">How many are signed before the run.</param>
    public BoundRequests(string algorithm, int count)
    {
        (sign, string jwk) = algorithm switch { "ES256" => P256(), "PS256" => Rsa2048(), _ => Edwards() };
        header = Part($$$"""{"typ":"dpop+jwt","alg":"{{{algorithm}}}","jwk":{{{jwk}}}}""");
        signed = [.. Enumerable.Range(0, count).Select(_ => Make())];
    }

    public byte[] Next(int connection) => Interlocked.Increment(ref next) is var index && index <= signed.Length ? signed[index - 1] : Make();

    public void Take(int connection, ReadOnlySpan<byte> body)
    {
        if (body.IndexOf("\"token_type\":\"DPoP\""u8) < 0) throw new InvalidDataException(Encoding.UTF8.GetString(body));
    }

    private byte[] Make()
    {
        string id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        string said = $"{header}.{Part($$$"""{"jti":"{{{id}}}","htm":"POST","htu":"{{{Address}}}","iat":{{{now}}}}""")}";
        byte[] signature;
        lock (sign) signature = sign(Encoding.ASCII.GetBytes(said));
        string request = Encoding.ASCII.GetString(FormRequest.Create("/connect/token", Form));
        return Encoding.ASCII.GetBytes(request.Replace("Content-Type:", $"DPoP: {said}.{Base64Url.EncodeToString(signature)}\r\nContent-Type:", StringComparison.Ordinal));
    }

    private static (Func<byte[], byte[]>, string) P256()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = key.ExportParameters(false).Q;
        return (data => key.SignData(data, HashAlgorithmName.SHA256),
            $$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(q.X)}}","y":"{{Base64Url.EncodeToString(q.Y)}}"}""");
    }

    private static (Func<byte[], byte[]>, string) Rsa2048()
    {
        var key = RSA.Create(2048);
        var numbers = key.ExportParameters(false);
        return (data => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            $$"""{"kty":"RSA","n":"{{Base64Url.EncodeToString(numbers.Modulus)}}","e":"{{Base64Url.EncodeToString(numbers.Exponent)}}"}""");
    }

    private static (Func<byte[], byte[]>, string) Edwards()
    {
        var key = Key.Create(SignatureAlgorithm.Ed25519);
        return (data => SignatureAlgorithm.Ed25519.Sign(key, data),
            $$"""{"kty":"OKP","crv":"Ed25519","x":"{{Base64Url.EncodeToString(key.PublicKey.Export(KeyBlobFormat.RawPublicKey))}}"}""");
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(json));
}
