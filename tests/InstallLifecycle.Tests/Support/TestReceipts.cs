using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace InstallLifecycle.Tests.Support;

/// <summary>A host's signing keys: one in use, which a test may change.</summary>
internal sealed class TestReceipts : IInstallReceipts
{
    private readonly List<(ECDsa Private, ReceiptKey Public)> keys = [Make()];

    public IReadOnlyList<ReceiptKey> Keys => [keys[^1].Public];

    public string Issuer(HttpRequest request) => $"{request.Scheme}://{request.Host}/";

    /// <summary>Signs with another key from now on.</summary>
    public void Rotate() => keys.Add(Make());

    /// <summary>Signs with the first key again, as one that has it can.</summary>
    public string Forge(string payload) => Sign(keys[0], payload).Text;

    public SignedReceipt Sign(string payload) => Sign(keys[^1], payload);

    private static SignedReceipt Sign((ECDsa Private, ReceiptKey Public) key, string payload)
    {
        string header = $$"""{"alg":"ES256","kid":"{{key.Public.KeyId}}","typ":"{{IInstallReceipts.Type}}"}""";
        string signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
        return new($"{signed}.{Base64Url.EncodeToString(key.Private.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}", key.Public);
    }

    private static (ECDsa, ReceiptKey) Make()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;
        string id = RandomNumberGenerator.GetHexString(16, lowercase: true);
        return (key, new(id, $$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}","kid":"{{id}}","alg":"ES256","use":"sig"}"""));
    }
}
