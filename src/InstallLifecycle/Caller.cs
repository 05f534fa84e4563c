using System.Net;
using System.Net.Sockets;

namespace InstallLifecycle;

/// <summary>Who asks. The host has applied forwarded headers by then; an IPv4-mapped address is its IPv4.</summary>
/// <param name="Address">The address as the audit trail shows it.</param>
/// <param name="AddressKey">What limits by address count: the IPv4 address, or the IPv6 network of 64 bits.</param>
/// <param name="Network">The /24 of an IPv4 address, the /64 of an IPv6 one.</param>
/// <param name="Actor">The server or administrator it has shown itself to be; null for an installer or a browser.</param>
public sealed record Caller(string Address, string AddressKey, string Network, string? Actor = null)
{
    /// <summary>The OAuth client it came through; null for the install API.</summary>
    public string? ClientId { get; init; }

    /// <summary>Who sent <paramref name="context"/>'s request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="actor">Who that is, where it is known.</param>
    public static Caller Of(HttpContext context, string? actor = null)
    {
        if (context.Connection.RemoteIpAddress is not { } address) return new("", "", "", actor);
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        bool isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        // Without the scope, which is no part of the address.
        string text = isV6 ? new IPAddress(address.GetAddressBytes()).ToString() : address.ToString();
        string network = Prefix(address, isV6 ? 8 : 3);
        return new(text, isV6 ? network : text, network, actor);
    }

    private static string Prefix(IPAddress address, int bytes)
    {
        byte[] all = address.GetAddressBytes();
        all.AsSpan(bytes).Clear();
        return new IPAddress(all).ToString();
    }
}
