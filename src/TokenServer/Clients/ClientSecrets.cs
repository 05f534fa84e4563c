using Microsoft.AspNetCore.Identity;
using TokenServer.Protection;

namespace TokenServer.Clients;

/// <summary>Checks client secrets. Stored as PBKDF2 (OpenIddict's and Identity's format); one that was right is remembered under a key of
/// this process, so the next request costs one HMAC. While it is remembered, any other secret is known to be wrong without
/// hashing.</summary>
internal sealed class ClientSecrets(PasswordHashing hashing, TimeProvider clock)
{
    private const int Most = 1 << 16, MostWaiting = 32;
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    // By the stored hash: a rotated secret has another.
    private readonly ConcurrentDictionary<string, byte[]> remembered = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Hash, string Mac), Lazy<Task<bool?>>> underWay = new();

    // One at a time for each address, so that guessing at clients cannot fill the queue that people's passwords wait in. The framework's
    // limiter by key wakes the process ten times a second, for as long as it lives.
    private readonly Dictionary<string, Turns> turns = [];

    /// <summary>Whether <paramref name="secret"/> is the client's; null where too many wait to be hashed.</summary>
    /// <param name="client">A confidential client.</param>
    /// <param name="secret">What it showed.</param>
    /// <param name="address">The key of the caller's address.</param>
    public ValueTask<bool?> VerifyAsync(Client client, string secret, string address) => AliveOld(client) is { } old
        ? new(EitherAsync(client.SecretHash!, old.Hash, secret, address)) : VerifyAsync(client.SecretHash!, secret, address);

    /// <summary>The stored hash of the client's that <paramref name="secret"/> is of, its present one or its old one's, or null; and
    /// whether too many wait to be hashed, so that it is not known.</summary>
    /// <inheritdoc cref="VerifyAsync(Client, string, string)"/>
    public async ValueTask<(string? Hash, bool IsBusy)> FindAsync(Client client, string secret, string address)
    {
        bool? isRight = await VerifyAsync(client, secret, address);
        if (isRight != true) return (null, isRight is null);
        // What was right is remembered. If it was forgotten meanwhile, it counts for the old one, which ends sooner.
        return (client.OldSecret is { } old && IsRemembered(client.SecretHash!, Mac(secret)) != true ? old.Hash : client.SecretHash, false);
    }

    /// <summary>When the client's old secret ends, UTC; null where it has ended, or there is none.</summary>
    public DateTime? OldEndsAt(Client client) => AliveOld(client)?.EndsAt;

    /// <summary>Whether <paramref name="secret"/> is the one of <paramref name="hash"/>; null where too many wait to be hashed.</summary>
    /// <param name="hash">What is stored of it.</param>
    /// <param name="secret">What was shown.</param>
    /// <param name="address">The key of the caller's address; null for one that has no turn to wait for.</param>
    public ValueTask<bool?> VerifyAsync(string hash, string secret, string? address)
    {
        byte[] mac = Mac(secret);
        return IsRemembered(hash, mac) is { } known ? new(known) : new(OnceAsync(hash, secret, mac, address));
    }

    // A right one that is remembered costs no hash, whichever of the two it is; a wrong one is held against both.
    private async Task<bool?> EitherAsync(string current, string old, string secret, string address)
    {
        byte[] mac = Mac(secret);
        bool? isCurrent = IsRemembered(current, mac), isOld = IsRemembered(old, mac);
        if (isCurrent == true || isOld == true) return true;
        isCurrent ??= await OnceAsync(current, secret, mac, address);
        if (isCurrent == true) return true;
        isOld ??= await OnceAsync(old, secret, mac, address);
        return isOld == true ? true : isCurrent is null || isOld is null ? null : false;
    }

    // Null where what is right is not remembered.
    private bool? IsRemembered(string hash, byte[] mac) =>
        remembered.TryGetValue(hash, out byte[]? known) ? CryptographicOperations.FixedTimeEquals(known, mac) : null;

    private OldSecret? AliveOld(Client client) =>
        client.OldSecret is { } old && old.IsAlive(clock.GetUtcNow().UtcDateTime) ? old : null;

    // Requests that come at once with the same secret share one hash.
    private async Task<bool?> OnceAsync(string hash, string secret, byte[] mac, string? address)
    {
        var key = (hash, Convert.ToHexString(mac));
        try
        {
            return await underWay.GetOrAdd(key, _ => new(() => HashAndVerifyAsync(hash, secret, mac, address))).Value;
        }
        finally
        {
            underWay.TryRemove(key, out _);
        }
    }

    private async Task<bool?> HashAndVerifyAsync(string hash, string secret, byte[] mac, string? address)
    {
        var verified = address is null
            ? await hashing.VerifyAsync(hash, secret) : await InTurnAsync(address, () => hashing.VerifyAsync(hash, secret));
        if (verified is not { } result) return null;
        if (result == PasswordVerificationResult.Failed) return false;
        if (remembered.Count >= Most) remembered.Clear();
        remembered[hash] = mac;
        return true;
    }

    private async Task<PasswordVerificationResult?> InTurnAsync(string address, Func<Task<PasswordVerificationResult?>> verify)
    {
        Turns own;
        lock (turns)
        {
            if (!turns.TryGetValue(address, out own!)) turns[address] = own = new();
            if (own.Taken > MostWaiting) return null;
            own.Taken++;
        }
        await own.Gate.WaitAsync();
        try
        {
            return await verify();
        }
        finally
        {
            own.Gate.Release();
            lock (turns)
            {
                if (--own.Taken == 0 && turns.Remove(address)) own.Dispose();
            }
        }
    }

    private byte[] Mac(string secret) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(secret));

    /// <summary>Those of one address: one at work, the others waiting.</summary>
    private sealed class Turns : IDisposable
    {
        public readonly SemaphoreSlim Gate = new(1);
        public int Taken;

        public void Dispose() => Gate.Dispose();
    }
}
