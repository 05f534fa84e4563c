using System.Text.Json.Nodes;
using InstallLifecycle;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TokenServer.Foundation;
using TokenServer.Keys;
using TokenServer.Keys.Jose;

namespace TokenServer.Installs;

/// <summary>Receipts of installs are signed by the key ring (contract section 5b).</summary>
internal sealed class ReceiptSigner(KeyRing keys, Issuer issuer) : IInstallReceipts
{
    private static readonly JsonWebTokenHandler writer = new() { SetDefaultTimesOnTokenCreation = false };
    private static readonly Dictionary<string, object> header = new() { ["typ"] = IInstallReceipts.Type };

    private volatile ReceiptKey? last;

    public IReadOnlyList<ReceiptKey> Keys =>
        [.. keys.Keys.Select(k => k.Key).Where(k => k.Algorithm == SigningKey.ES256).Select(PublicPart)];

    public string Issuer(HttpRequest request) => issuer.Of(request);

    public SignedReceipt Sign(string payload)
    {
        var key = keys.Active(SigningKey.ES256);
        var known = last is { } same && same.KeyId == key.KeyId ? same : (last = PublicPart(key));
        return new(writer.CreateToken(payload, key.Credentials, header), known);
    }

    private static ReceiptKey PublicPart(SigningKey key)
    {
        var point = ((ECDsaSecurityKey)key.Credentials.Key).ECDsa.ExportParameters(includePrivateParameters: false).Q;
        return new(key.KeyId, new JsonObject
        {
            ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64UrlEncoder.Encode(point.X), ["y"] = Base64UrlEncoder.Encode(point.Y),
            ["kid"] = key.KeyId, ["alg"] = SigningKey.ES256, ["use"] = "sig",
        }.ToJsonString());
    }
}
