using System.Net;
using System.Net.Sockets;

namespace TokenServer.RateLimits;

/// <summary>Whom a request counts for: the peer's address,
/// or the one a trusted proxy names (the forwarded headers have been applied by then).</summary>
internal static class ClientAddress
{
    /// <summary>The address as the audit trail shows it; an IPv4-mapped one is its IPv4.</summary>
    public static string? Of(HttpContext context) => Plain(context)?.ToString();

    /// <summary>The key of its rate limits: an IPv4 address, or an IPv6 network of 64 bits.</summary>
    public static string Key(HttpContext context)
    {
        if (Plain(context) is not { } address) return "";
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes).ToString();
    }

    private static IPAddress? Plain(HttpContext context) =>
        context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress;
}
