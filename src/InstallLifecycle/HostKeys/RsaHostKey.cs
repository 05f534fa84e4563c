namespace InstallLifecycle.HostKeys;

/// <summary>ssh-rsa (RFC 4253) with signatures by SHA-2 alone (RFC 8332).</summary>
internal sealed class RsaHostKey : HostKey
{
    public const string Type = "ssh-rsa";

    // The largest is OpenSSH's own limit; a longer exponent than is ever made would only cost time.
    private const int LeastBits = 2048, MostBits = 16384, LongestExponent = 4;
    private readonly RSAParameters parameters;

    private RsaHostKey(RSAParameters parameters) => this.parameters = parameters;

    public static (RsaHostKey? Key, bool IsWeak) Read(ref SshReader reader)
    {
        if (!reader.TryReadPositive(out var exponent) || !reader.TryReadPositive(out var modulus) || !reader.IsAtEnd) return (null, false);
        int bits = 8 * modulus.Length - int.LeadingZeroCount(modulus[0]) + 24;
        if (bits is < LeastBits or > MostBits) return (null, true);
        bool isOdd = exponent[^1] % 2 == 1 && modulus[^1] % 2 == 1;
        return isOdd && exponent.Length <= LongestExponent && exponent is not [1]
            ? (new(new RSAParameters { Exponent = exponent.ToArray(), Modulus = modulus.ToArray() }), false) : (null, false);
    }

    public override bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        HashAlgorithmName? hash = algorithm switch
        {
            "rsa-sha2-256" => HashAlgorithmName.SHA256, "rsa-sha2-512" => HashAlgorithmName.SHA512, _ => null,
        };
        if (hash is null || signature.Length != parameters.Modulus!.Length) return false;
        using var key = RSA.Create(parameters);
        return key.VerifyData(data, signature, hash.Value, RSASignaturePadding.Pkcs1);
    }
}
