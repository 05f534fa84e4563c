using System.Buffers.Binary;

namespace InstallLifecycle.HostKeys;

/// <summary>A signature as <c>ssh-keygen -Y sign</c> makes it (OpenSSH's PROTOCOL.sshsig), version 1.</summary>
internal sealed class SshSignature
{
    private const string Begin = "-----BEGIN SSH SIGNATURE-----", End = "-----END SSH SIGNATURE-----";
    private const uint Version = 1;
    private static readonly byte[] magic = "SSHSIG"u8.ToArray();
    private readonly byte[] reserved;
    private readonly string hash;

    private SshSignature(byte[] publicKey, string @namespace, byte[] reserved, string hash, string algorithm, byte[] bytes) =>
        (PublicKey, Namespace, this.reserved, this.hash, Algorithm, Bytes) = (publicKey, @namespace, reserved, hash, algorithm, bytes);

    /// <summary>The key that is said to have signed.</summary>
    public byte[] PublicKey { get; }

    /// <summary>What the signature is for; it is part of what was signed.</summary>
    public string Namespace { get; }

    /// <summary>How the key signed.</summary>
    public string Algorithm { get; }

    /// <summary>The key's own signature.</summary>
    public byte[] Bytes { get; }

    /// <summary>The signature in <paramref name="armored"/>; null where it is none.</summary>
    public static SshSignature? Parse(string armored)
    {
        string[] lines = armored.Trim().Split('\n', StringSplitOptions.TrimEntries);
        return lines.Length > 2 && lines[0] == Begin && lines[^1] == End && Base64.Decode(string.Concat(lines[1..^1])) is { } blob
            ? Read(blob) : null;
    }

    /// <summary>What the key signed, where the message is <paramref name="message"/>.</summary>
    public byte[] Signed(ReadOnlySpan<byte> message)
    {
        var signed = new MemoryStream();
        signed.Write(magic);
        Write(signed, Encoding.ASCII.GetBytes(Namespace));
        Write(signed, reserved);
        Write(signed, Encoding.ASCII.GetBytes(hash));
        Write(signed, hash == "sha256" ? SHA256.HashData(message) : SHA512.HashData(message));
        return signed.ToArray();
    }

    private static SshSignature? Read(byte[] blob)
    {
        var reader = new SshReader(blob);
        if (!reader.TryReadBytes(magic.Length, out var start) || !start.SequenceEqual(magic)
            || !reader.TryReadNumber(out uint version) || version != Version || !reader.TryReadString(out var key)
            || !reader.TryReadName(out string purpose) || !reader.TryReadString(out var reserved) || !reader.TryReadName(out string hash)
            || hash is not ("sha256" or "sha512") || !reader.TryReadString(out var signature) || !reader.IsAtEnd) return null;
        var inner = new SshReader(signature);
        // What was signed says the algorithm, and its bytes follow, in the form that is the algorithm's own.
        return inner.TryReadName(out string algorithm) && inner.TryReadString(out var bytes) && inner.IsAtEnd
            ? new(key.ToArray(), purpose, reserved.ToArray(), hash, algorithm, bytes.ToArray()) : null;
    }

    private static void Write(MemoryStream stream, ReadOnlySpan<byte> text)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)text.Length);
        stream.Write(length);
        stream.Write(text);
    }
}
