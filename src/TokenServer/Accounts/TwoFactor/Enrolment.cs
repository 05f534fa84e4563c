using OtpNet;
using QRCoder;

namespace TokenServer.Accounts.TwoFactor;

/// <summary>How an authenticator app and an import file have a secret: base 32 (RFC 4648 section 6), the otpauth URI,
/// and the same as a QR code.</summary>
internal static class Enrolment
{
    private const int PixelsPerModule = 4;

    public static string Uri(string issuer, string userName, byte[] secret) =>
        new OtpUri(OtpType.Totp, secret, userName, issuer).ToString();

    public static string Svg(string uri)
    {
        using var code = QRCodeGenerator.GenerateQrCode(uri, QRCodeGenerator.ECCLevel.M);
        using var svg = new SvgQRCode(code);
        return svg.GetGraphic(PixelsPerModule);
    }

    /// <summary>The bytes of a secret in base 32; case, spaces and padding are forgiven. Null where it is not base 32.</summary>
    public static byte[]? Read(string base32)
    {
        try
        {
            return Base32Encoding.ToBytes(base32.Replace(" ", "").Replace("=", ""));
        }
        // How Otp.NET says it.
        catch (ArgumentException)
        {
            return null;
        }
    }
}
