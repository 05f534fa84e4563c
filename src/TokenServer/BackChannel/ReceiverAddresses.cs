using System.Net;
using System.Net.Sockets;
using IPNetwork = System.Net.IPNetwork;

namespace TokenServer.BackChannel;

/// <summary>Which addresses a logout token may be sent to (contract section 9): those of the public Internet, as the registries of special
/// purposes have it (RFC 6890 and what came after); private ones only where that is allowed. Metadata services, and whatever else is
/// link-local, never.</summary>
internal sealed class ReceiverAddresses(bool allowPrivate)
{
    private static readonly IPNetwork[] Private = Networks(
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7");
    private static readonly IPNetwork[] Special = Networks(
        "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        // Metadata services of clouds that are not link-local.
        "168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::254/128", "fd20:ce::254/128",
        // IETF protocols with Teredo and ORCHID, documentation, 6to4, documentation again: inside what is global else.
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3"), Translated = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Whether a connection to <paramref name="address"/> may be made.</summary>
    public bool Allows(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return Allows(address.MapToIPv4());
        // What a network without IPv4 translates (RFC 6052) is the address inside.
        if (Translated.Contains(address)) return Allows(new IPAddress(address.GetAddressBytes().AsSpan(12)));
        if (Special.Any(n => n.Contains(address))) return false;
        if (Private.Any(n => n.Contains(address))) return allowPrivate;
        return address.AddressFamily == AddressFamily.InterNetwork || Global.Contains(address);
    }

    private static IPNetwork[] Networks(params string[] texts) => [.. texts.Select(t => IPNetwork.Parse(t))];
}
