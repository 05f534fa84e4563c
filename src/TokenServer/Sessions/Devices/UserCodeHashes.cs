using TokenServer.Keys;
using TokenServer.Keys.Jose;

namespace TokenServer.Sessions.Devices;

/// <summary>What is stored of a user code. It is so short that whoever read a plain hash would find it by trying all: this one is keyed,
/// by a key that comes of the signing key, which is sealed (docs/decisions/0031).</summary>
internal sealed class UserCodeHashes(KeyRing keys)
{
    /// <summary>The hash to store.</summary>
    public string Of(UserCode code) => Hash(keys.Active(SigningKey.ES256), code);

    /// <summary>What may be stored of it, by whichever key of the ring that was made.</summary>
    public IReadOnlyList<string> All(UserCode code) =>
        [.. keys.Keys.Where(k => k.Key.Algorithm == SigningKey.ES256).Select(k => Hash(k.Key, code))];

    private static string Hash(SigningKey key, UserCode code) => "uc_" + Base64Url.EncodeToString(
        HMACSHA256.HashData(key.Derive("user code"u8), Encoding.ASCII.GetBytes(code.Letters)));
}
