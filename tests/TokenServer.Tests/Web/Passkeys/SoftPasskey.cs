using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TokenServer.Tests.Web.Passkeys;

/// <summary>An authenticator in software, and the browser before it (WebAuthn sections 5 and 6), which lies where a test has it lie.</summary>
internal sealed class SoftPasskey : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private string userHandle = "";

    public byte[] CredentialId { get; init; } = RandomNumberGenerator.GetBytes(32);
    public string Origin { get; set; } = PasskeyVisits.Origin;

    /// <summary>Whom it takes itself to be for; null: whom the page says.</summary>
    public string? RelyingPartyId { get; set; }

    /// <summary>What the counter says next; it counts, unless it is 0.</summary>
    public uint Count { get; set; }
    public bool IsPresent { get; set; } = true;
    public bool IsVerified { get; set; } = true;

    /// <summary>Whether a provider keeps it in step on several devices.</summary>
    public bool IsSynced { get; set; }
    public bool IsCrossOrigin { get; set; }

    /// <summary>What the browser says it was asked; null: what it was asked.</summary>
    public string? Challenge { get; set; }
    public string? Type { get; set; }

    /// <summary>Whose it says it is; null: whose it is.</summary>
    public string? UserHandle { get; set; }

    /// <summary>Whether the signature is of something else.</summary>
    public bool IsForged { get; set; }

    /// <summary>What a browser answers to the options of a page that has a passkey made.</summary>
    public string Make(string options)
    {
        using var asked = JsonDocument.Parse(options);
        userHandle = asked.RootElement.GetProperty("user").GetProperty("id").GetString()!;
        var point = key.ExportParameters(false).Q;
        var cose = new CborWriter();
        cose.WriteStartMap(5);
        foreach (var (label, write) in new (int, Action)[]
        {
            (1, () => cose.WriteInt32(2)), (3, () => cose.WriteInt32(-7)), (-1, () => cose.WriteInt32(1)),
            (-2, () => cose.WriteByteString(point.X!)), (-3, () => cose.WriteByteString(point.Y!)),
        })
        {
            cose.WriteInt32(label);
            write();
        }
        cose.WriteEndMap();
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)CredentialId.Length);
        byte[] attested = [.. new byte[16], .. length, .. CredentialId, .. cose.Encode()];
        var statement = new CborWriter();
        statement.WriteStartMap(3);
        statement.WriteTextString("fmt");
        statement.WriteTextString("none");
        statement.WriteTextString("attStmt");
        statement.WriteStartMap(0);
        statement.WriteEndMap();
        statement.WriteTextString("authData");
        statement.WriteByteString([.. Data(asked.RootElement.GetProperty("rp").GetProperty("id").GetString()!, 0x40), .. attested]);
        statement.WriteEndMap();
        return Answer(new Dictionary<string, object>
        {
            ["clientDataJSON"] = Text(ClientData("webauthn.create", asked)), ["attestationObject"] = Text(statement.Encode()),
            ["transports"] = (string[])["internal", "hybrid"],
        });
    }

    /// <summary>What a browser answers to the options of a page that has a passkey shown.</summary>
    public string Show(string options)
    {
        using var asked = JsonDocument.Parse(options);
        byte[] said = ClientData("webauthn.get", asked), data = Data(asked.RootElement.GetProperty("rpId").GetString()!, 0);
        byte[] signed = IsForged ? [0] : [.. data, .. SHA256.HashData(said)];
        return Answer(new Dictionary<string, object>
        {
            ["clientDataJSON"] = Text(said), ["authenticatorData"] = Text(data),
            ["signature"] = Text(key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
            ["userHandle"] = UserHandle is { } other ? Text(Encoding.UTF8.GetBytes(other)) : userHandle,
        });
    }

    public void Dispose() => key.Dispose();

    private byte[] Data(string relyingParty, byte more)
    {
        byte flags = (byte)((IsPresent ? 1 : 0) | (IsVerified ? 4 : 0) | (IsSynced ? 8 | 16 : 0) | more);
        byte[] count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, Count);
        if (Count > 0) Count++;
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(RelyingPartyId ?? relyingParty)), flags, .. count];
    }

    private byte[] ClientData(string type, JsonDocument asked) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["type"] = Type ?? type, ["challenge"] = Challenge ?? asked.RootElement.GetProperty("challenge").GetString()!, ["origin"] = Origin,
        ["crossOrigin"] = IsCrossOrigin,
    });

    private string Answer(Dictionary<string, object> response) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["id"] = Text(CredentialId), ["rawId"] = Text(CredentialId), ["type"] = "public-key",
        ["clientExtensionResults"] = new Dictionary<string, string>(), ["response"] = response,
    });

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
