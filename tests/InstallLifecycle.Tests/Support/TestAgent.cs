using System.Security.Cryptography;

namespace InstallLifecycle.Tests.Support;

/// <summary>A server's agent: what it keeps on disk, which a copy of the machine has too.</summary>
/// <param name="Token">The server token.</param>
/// <param name="Key">The key for the next check-in.</param>
/// <param name="SendsNonce">Whether it makes up something for each key, and repeats that with it.</param>
internal sealed record TestAgent(string Token, string? Key, bool SendsNonce = true)
{
    /// <summary>What it made up for the key; on disk before it is sent.</summary>
    public string? Nonce { get; private set; }

    /// <summary>The agent that a registration's answer makes.</summary>
    public static TestAgent Of(Answer registered, bool sendsNonce = true) =>
        new(registered.Json.Text("server_token"), registered.Json.TryGetProperty("checkin_key", out var key) ? key.GetString() : null, sendsNonce);

    /// <summary>A copy of its folder.</summary>
    public TestAgent Copy() => this with { };

    /// <summary>Checks in; the answer is lost on its way where <paramref name="isLost"/>.</summary>
    public async Task<(TestAgent Agent, Answer Answer)> CheckInAsync(TestHost host, bool isLost = false)
    {
        if (SendsNonce) Nonce ??= RandomNumberGenerator.GetHexString(32, lowercase: true);
        var answer = await host.PostAsAsync(Token, "/checkin", new { checkin_key = Key, checkin_nonce = Nonce });
        return (isLost || answer.Status != 200 ? this : this with { Key = answer.Json.Text("checkin_key"), Nonce = null }, answer);
    }
}
