using NSec.Cryptography;

namespace InstallLifecycle.HostKeys;

/// <summary>ssh-ed25519 (RFC 8709); libsodium verifies, since the framework has no Ed25519.</summary>
internal sealed class Ed25519HostKey : HostKey
{
    public const string Type = "ssh-ed25519";
    private readonly PublicKey key;

    private Ed25519HostKey(PublicKey key) => this.key = key;

    public static Ed25519HostKey? Read(ref SshReader reader) => reader.TryReadString(out var point) && reader.IsAtEnd
        && PublicKey.TryImport(SignatureAlgorithm.Ed25519, point, KeyBlobFormat.RawPublicKey, out var key) ? new(key!) : null;

    public override bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        algorithm == Type && signature.Length == SignatureAlgorithm.Ed25519.SignatureSize
        && SignatureAlgorithm.Ed25519.Verify(key, data, signature);
}
