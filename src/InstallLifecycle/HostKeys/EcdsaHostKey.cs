namespace InstallLifecycle.HostKeys;

/// <summary>ecdsa-sha2-nistp256 and -nistp384 (RFC 5656).</summary>
internal sealed class EcdsaHostKey : HostKey
{
    private const string Prefix = "ecdsa-sha2-";
    private const byte Uncompressed = 4;
    private readonly string type;
    private readonly int size;
    private readonly ECParameters parameters;

    private EcdsaHostKey(string type, int size, ECParameters parameters) =>
        (this.type, this.size, this.parameters) = (type, size, parameters);

    /// <summary>Bytes of a coordinate; null where <paramref name="type"/> is none of the two.</summary>
    public static int? SizeOf(string type) => type switch { Prefix + "nistp256" => 32, Prefix + "nistp384" => 48, _ => null };

    public static EcdsaHostKey? Read(string type, ref SshReader reader)
    {
        if (SizeOf(type) is not { } size || !reader.TryReadName(out string curve) || Prefix + curve != type
            || !reader.TryReadString(out var point) || !reader.IsAtEnd
            || point.Length != 1 + 2 * size || point[0] != Uncompressed) return null;
        return new(type, size, new ECParameters
        {
            Curve = size == 32 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384,
            Q = new ECPoint { X = point[1..(1 + size)].ToArray(), Y = point[(1 + size)..].ToArray() },
        });
    }

    public override bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var reader = new SshReader(signature);
        if (algorithm != type || !reader.TryReadPositive(out var r) || !reader.TryReadPositive(out var s) || !reader.IsAtEnd
            || r.Length > size || s.Length > size) return false;
        byte[] both = new byte[2 * size];
        r.CopyTo(both.AsSpan(size - r.Length));
        s.CopyTo(both.AsSpan(2 * size - s.Length));
        using var key = Open();
        return key?.VerifyData(data, both, size == 32 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384) == true;
    }

    // Takes as long as verifying.
    public override bool IsOnCurve()
    {
        using var key = Open();
        return key is not null;
    }

    private ECDsa? Open()
    {
        try
        {
            return ECDsa.Create(parameters);
        }
        catch (CryptographicException)
        {
            // The framework refuses a point that is not on the curve in no other way.
            return null;
        }
    }
}
