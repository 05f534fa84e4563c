using QRCoder;

namespace TokenServer.Accounts.TwoFactor;

/// <summary>What an authenticator app reads: the otpauth URI, and the same as a QR code.</summary>
internal static class Enrolment
{
    private const int PixelsPerModule = 4;

    public static string Uri(string issuer, string userName, byte[] secret) =>
        $"otpauth://totp/{System.Uri.EscapeDataString(issuer)}:{System.Uri.EscapeDataString(userName)}?secret={Base32.Encode(secret)}&issuer={System.Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits=6&period=30";

    public static string Svg(string uri)
    {
        using var code = QRCodeGenerator.GenerateQrCode(uri, QRCodeGenerator.ECCLevel.M);
        using var svg = new SvgQRCode(code);
        return svg.GetGraphic(PixelsPerModule);
    }
}
