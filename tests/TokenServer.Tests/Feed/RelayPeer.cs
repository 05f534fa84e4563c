using System.Net.Sockets;
using System.Text;

namespace TokenServer.Tests.Feed;

/// <summary>A peer of the sample gateway's relay, at an address of its own.</summary>
internal sealed class RelayPeer : IDisposable
{
    private readonly UdpClient socket = new(AddressFamily.InterNetwork);

    private RelayPeer()
    {
    }

    /// <summary>Whether anything came that was not read.</summary>
    public bool HasMore => socket.Available > 0;

    public static async Task<RelayPeer> OfAsync(GatewayRig gateway)
    {
        var peer = new RelayPeer();
        peer.socket.Connect(await gateway.Relay.Address);
        return peer;
    }

    public async Task SendAsync(string text) => await socket.SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task<string> ReceiveAsync() => Encoding.ASCII.GetString((await socket.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(30))).Buffer);

    public async Task<string> AskAsync(string text)
    {
        await SendAsync(text);
        return await ReceiveAsync();
    }

    /// <summary>The word that the relay wants to hear from this address.</summary>
    public async Task<string> WordAsync(string token)
    {
        string answer = await AskAsync("open " + token);
        answer.Should().StartWith("word ");
        return answer[5..];
    }

    /// <summary>What the relay answers when it has heard its word.</summary>
    public async Task<string> OpenAsync(string token) => await AskAsync($"open {await WordAsync(token)} {token}");

    public void Dispose() => socket.Dispose();
}
