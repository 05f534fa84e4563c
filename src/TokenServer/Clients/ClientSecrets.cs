using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using TokenServer.Accounts;

namespace TokenServer.Clients;

/// <summary>
/// Checks client secrets. Stored as PBKDF2 (OpenIddict's and Identity's format); one that was right is remembered under a key of this
/// process, so the next request costs one HMAC. While it is remembered, any other secret is known to be wrong without hashing.
/// </summary>
internal sealed class ClientSecrets(PasswordHashing hashing)
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<long, Remembered> remembered = new();

    /// <summary>Whether <paramref name="secret"/> is the client's; null where the hashing queue is full.</summary>
    public ValueTask<bool?> VerifyAsync(Client client, string secret)
    {
        byte[] mac = Mac(secret);
        return remembered.TryGetValue(client.Id, out var known) && known.Hash == client.SecretHash
            ? new(CryptographicOperations.FixedTimeEquals(known.Mac, mac))
            : HashAndVerifyAsync(client, secret, mac);
    }

    private async ValueTask<bool?> HashAndVerifyAsync(Client client, string secret, byte[] mac)
    {
        if (await hashing.VerifyAsync(client.SecretHash, secret) is not { } result) return null;
        if (result == PasswordVerificationResult.Failed) return false;
        remembered[client.Id] = new(client.SecretHash!, mac);
        return true;
    }

    private byte[] Mac(string secret) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(secret));

    // The stored hash says which secret it was: a rotated one has another.
    private sealed record Remembered(string Hash, byte[] Mac);
}
