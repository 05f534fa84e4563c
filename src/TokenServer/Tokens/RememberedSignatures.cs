using System.Runtime.InteropServices;

namespace TokenServer.Tokens;

/// <summary>Remembers, by half of their SHA-256, tokens whose signature is known to be good, so that it is verified once. A table of fixed
/// size: a newer token takes an older one's place. It says nothing of times or revocation; those are checked each time.</summary>
internal sealed class RememberedSignatures
{
    private const int Places = 1 << 19, Stripes = 64;
    private readonly Hash[] table = new Hash[Places];
    private readonly Lock[] locks = [.. Enumerable.Range(0, Stripes).Select(_ => new Lock())];

    private volatile bool isUsed;

    public void Remember(string token)
    {
        var hash = Hash.Of(token);
        isUsed = true;
        lock (locks[hash.Place % Stripes]) table[hash.Place] = hash;
    }

    public bool Knows(string token)
    {
        var hash = Hash.Of(token);
        lock (locks[hash.Place % Stripes]) return table[hash.Place] == hash;
    }

    /// <summary>Forgets all: the keys have changed.</summary>
    public void Clear()
    {
        if (!isUsed) return;
        for (int stripe = 0; stripe < Stripes; stripe++)
        {
            lock (locks[stripe])
                for (int place = stripe; place < Places; place += Stripes) table[place] = default;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Hash(ulong A, ulong B)
    {
        public int Place => (int)(A & (Places - 1));

        public static Hash Of(string token)
        {
            Span<byte> text = stackalloc byte[1024];
            byte[]? rented = token.Length > text.Length ? Encoding.ASCII.GetBytes(token) : null;
            var bytes = rented ?? text[..Encoding.ASCII.GetBytes(token, text)];
            Span<byte> hash = stackalloc byte[32];
            SHA256.HashData(bytes, hash);
            return MemoryMarshal.Read<Hash>(hash);
        }
    }
}
