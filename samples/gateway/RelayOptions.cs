using System.ComponentModel.DataAnnotations;

namespace TokenServer.Sample.Gateway;

/// <summary>Settings <c>Relay</c>.</summary>
public sealed class RelayOptions
{
    /// <summary>Address and port of the relay; empty: there is none.</summary>
    public string Listen { get; set; } = "";

    /// <summary>How many peers there may be.</summary>
    [Range(1, 100_000)]
    public int MostPeers { get; set; } = 1000;

    /// <summary>How many of them at one address.</summary>
    [Range(1, 100_000)]
    public int PeersPerAddress { get; set; } = 16;

    /// <summary>How many may be opening at once.</summary>
    [Range(1, 10_000)]
    public int Handshakes { get; set; } = 64;

    /// <summary>How long that may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan HandshakeTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a peer that sends nothing keeps its place where others want it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan IdleTime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Bytes of a packet that opens, with its word and token, and of any other.</summary>
    [Range(64, 65_507)]
    public int LargestHandshake { get; set; } = 4096;

    [Range(1, 65_507)]
    public int LargestPacket { get; set; } = 1500;
}
