using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Identity;
using TokenServer.Protection;

namespace TokenServer.Clients;

/// <summary>
/// Checks client secrets. Stored as PBKDF2 (OpenIddict's and Identity's format); one that was right is remembered under a key of this
/// process, so the next request costs one HMAC. While it is remembered, any other secret is known to be wrong without hashing.
/// </summary>
internal sealed class ClientSecrets(PasswordHashing hashing) : IDisposable
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<long, Remembered> remembered = new();
    private readonly ConcurrentDictionary<(long Client, string Mac), Lazy<Task<bool?>>> underWay = new();

    // One at a time for each address, so that guessing at clients cannot fill the queue that people's passwords wait in.
    private readonly PartitionedRateLimiter<string> turns = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetConcurrencyLimiter(address, _ => new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = 32, QueueProcessingOrder = QueueProcessingOrder.OldestFirst }));

    /// <summary>Whether <paramref name="secret"/> is the client's; null where too many wait to be hashed.</summary>
    /// <param name="client">A confidential client.</param>
    /// <param name="secret">What it showed.</param>
    /// <param name="address">The key of the caller's address.</param>
    public ValueTask<bool?> VerifyAsync(Client client, string secret, string address)
    {
        byte[] mac = Mac(secret);
        return remembered.TryGetValue(client.Id, out var known) && known.Hash == client.SecretHash
            ? new(CryptographicOperations.FixedTimeEquals(known.Mac, mac))
            : new(OnceAsync(client, secret, mac, address));
    }

    // Requests that come at once with the same secret share one hash.
    private async Task<bool?> OnceAsync(Client client, string secret, byte[] mac, string address)
    {
        var key = (client.Id, Convert.ToHexString(mac));
        try
        {
            return await underWay.GetOrAdd(key, _ => new(() => HashAndVerifyAsync(client, secret, mac, address))).Value;
        }
        finally
        {
            underWay.TryRemove(key, out _);
        }
    }

    private async Task<bool?> HashAndVerifyAsync(Client client, string secret, byte[] mac, string address)
    {
        using var turn = await turns.AcquireAsync(address);
        if (!turn.IsAcquired || await hashing.VerifyAsync(client.SecretHash, secret) is not { } result) return null;
        if (result == PasswordVerificationResult.Failed) return false;
        remembered[client.Id] = new(client.SecretHash!, mac);
        return true;
    }

    private byte[] Mac(string secret) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(secret));

    public void Dispose() => turns.Dispose();

    // The stored hash says which secret it was: a rotated one has another.
    private sealed record Remembered(string Hash, byte[] Mac);
}
