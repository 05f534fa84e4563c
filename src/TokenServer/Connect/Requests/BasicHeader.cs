using System.Text;
using Microsoft.Extensions.Primitives;

namespace TokenServer.Connect.Requests;

/// <summary>The header of client_secret_basic (RFC 6749 section 2.3.1). Another scheme is not a client's (contract section 1).</summary>
internal static class BasicHeader
{
    private const string Scheme = "Basic";
    private const int LongestHeader = 8192;

    /// <summary>How many there are of this scheme, and one of them. What is of another scheme is for somebody else: a proxy or a gateway
    /// on the way.</summary>
    public static (int Count, string? Header) Find(StringValues headers)
    {
        var (count, found) = (0, (string?)null);
        foreach (string? header in headers)
            if (IsBasic(header)) (count, found) = (count + 1, header);
        return (count, found);
    }

    /// <summary>What it says; null where it cannot be read. Id and secret are form-encoded before they are joined and put into
    /// base 64.</summary>
    public static (string Id, string? Secret)? Read(string header)
    {
        if (header.Length > LongestHeader) return null;
        Span<byte> bytes = new byte[header.Length];
        if (!Convert.TryFromBase64Chars(header.AsSpan(Scheme.Length).Trim(), bytes, out int length)) return null;
        int colon = bytes[..length].IndexOf((byte)':');
        if (colon <= 0) return null;
        try
        {
            string secret = Form.Decode(bytes[(colon + 1)..length]);
            return (Form.Decode(bytes[..colon]), secret.Length == 0 ? null : secret);
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool IsBasic(string? header) => header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && (header.Length == Scheme.Length || header[Scheme.Length] is ' ' or '\t');
}
