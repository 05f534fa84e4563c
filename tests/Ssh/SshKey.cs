using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Ssh;

/// <summary>An ecdsa-sha2-nistp256 host key in memory, that signs as <c>ssh-keygen -Y sign -n slowdns-install</c> does (PROTOCOL.sshsig).</summary>
internal sealed class SshKey : IDisposable
{
    private const string Type = "ecdsa-sha2-nistp256", Namespace = "slowdns-install";
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string PublicKey => $"{Type} {Convert.ToBase64String(Blob)} root@ns1";

    public string Fingerprint => "SHA256:" + Convert.ToBase64String(SHA256.HashData(Blob)).TrimEnd('=');

    public string Sign(string text)
    {
        byte[] signed = [.. "SSHSIG"u8, .. Text(Namespace), .. Text(""), .. Text("sha512"), .. Text(SHA512.HashData(Encoding.UTF8.GetBytes(text)))];
        byte[] both = key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        byte[] signature = [.. Text(Type), .. Text([.. Number(both[..32]), .. Number(both[32..])])];
        byte[] blob = [.. "SSHSIG"u8, 0, 0, 0, 1, .. Text(Blob), .. Text(Namespace), .. Text(""), .. Text("sha512"), .. Text(signature)];
        return $"-----BEGIN SSH SIGNATURE-----\n{Convert.ToBase64String(blob)}\n-----END SSH SIGNATURE-----\n";
    }

    public void Dispose() => key.Dispose();

    private byte[] Blob
    {
        get
        {
            var point = key.ExportParameters(false).Q;
            return [.. Text(Type), .. Text("nistp256"), .. Text([4, .. point.X!, .. point.Y!])];
        }
    }

    private static byte[] Text(string text) => Text(Encoding.ASCII.GetBytes(text));

    private static byte[] Text(byte[] bytes)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        return [.. length, .. bytes];
    }

    private static byte[] Number(byte[] bytes)
    {
        byte[] least = [.. bytes.SkipWhile(b => b == 0)];
        return Text(least[0] >= 0x80 ? [0, .. least] : least);
    }
}
