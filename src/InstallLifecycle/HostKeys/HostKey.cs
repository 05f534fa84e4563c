namespace InstallLifecycle.HostKeys;

/// <summary>An SSH public key (RFC 4253 section 6.6, RFC 5656, RFC 8709) as a machine's <c>.pub</c> file has it (contract section
/// 5b).</summary>
internal abstract class HostKey
{
    private const string CertificateSuffix = "-cert-v01@openssh.com", SecurityKeyPrefix = "sk-";
    private const string Supported =
        "Host keys may be ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, or ssh-rsa of 2048 bits or more.";

    /// <summary>The key in the line of a <c>.pub</c> file: its type, base64, and a comment that says nothing.</summary>
    /// <returns>The key; 400 where it is none, 422 where it is of a kind that proves nothing here.</returns>
    public static Outcome<KeyLine> Parse(string line)
    {
        if (line.Contains("PRIVATE KEY", StringComparison.Ordinal))
            return Malformed("must be a public key; the private one never leaves its machine");
        string[] words = line.Trim().Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || line.Trim().IndexOfAny(['\n', '\r']) >= 0 || Base64.Decode(words[1]) is not { } blob
            || !new SshReader(blob).TryReadName(out string type) || type != words[0])
            return Malformed("must be the line of an OpenSSH .pub file");
        if (type.EndsWith(CertificateSuffix, StringComparison.Ordinal))
            return InstallError.HostKeyNotSupported(
                "This is a certificate for a key; send the key, as the .pub file beside it has it. " + Supported);
        if (type.StartsWith(SecurityKeyPrefix, StringComparison.Ordinal))
            return InstallError.HostKeyNotSupported("A key on a security key waits for a touch, and is no host key. " + Supported);
        var (key, isWeak) = Read(type, blob);
        if (isWeak || !IsKnown(type)) return InstallError.HostKeyNotSupported($"A key of this kind or size is not supported. {Supported}");
        return key?.IsOnCurve() != true ? Malformed($"is no {type} key") : new KeyLine(FingerprintOf(blob));
    }

    /// <summary>The key in a signature; null where it is none that is supported. One that is none at all verifies nothing.</summary>
    public static HostKey? Read(ReadOnlySpan<byte> blob) => new SshReader(blob).TryReadName(out string type) ? Read(type, blob).Key : null;

    /// <summary><c>SHA256:</c> and base64 without padding, as <c>ssh-keygen -l</c> says it.</summary>
    public static string FingerprintOf(ReadOnlySpan<byte> blob) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(blob)).TrimEnd('=');

    /// <summary>Whether <paramref name="signature"/> is this key's over <paramref name="data"/>.</summary>
    /// <param name="algorithm">The signature's name for how it was made, for example <c>rsa-sha2-512</c>.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">The signature's bytes, as the algorithm has them.</param>
    public abstract bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

    /// <summary>Whether a key that is a point is one of its curve.</summary>
    public virtual bool IsOnCurve() => true;

    private static bool IsKnown(string type) => type is Ed25519HostKey.Type or RsaHostKey.Type || EcdsaHostKey.SizeOf(type) is not null;

    // Weak: it is well-formed, but too small or too large.
    private static (HostKey? Key, bool IsWeak) Read(string type, ReadOnlySpan<byte> blob)
    {
        var reader = new SshReader(blob);
        reader.TryReadName(out _);
        return type switch
        {
            Ed25519HostKey.Type => (Ed25519HostKey.Read(ref reader), false),
            RsaHostKey.Type => RsaHostKey.Read(ref reader),
            _ => (EcdsaHostKey.Read(type, ref reader), false),
        };
    }

    private static InstallError Malformed(string rule) => InstallError.InvalidRequest($"The field 'ssh_public_key' {rule}.");
}

/// <summary>A public key that can be proved by.</summary>
/// <param name="Fingerprint">Its SHA-256, as <c>ssh-keygen -l</c> says it.</param>
internal sealed record KeyLine(string Fingerprint);
