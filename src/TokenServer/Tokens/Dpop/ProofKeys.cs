using TokenServer.Keys.Jose;

namespace TokenServer.Tokens.Dpop;

/// <summary>Reads who signed a proof, and remembers the keys of those whose signature was good, by the header that they came in: a client
/// sends the same one with each. A table of fixed size, in which a newer key takes an older one's place.</summary>
internal sealed class ProofKeys
{
    /// <summary>How many keys are remembered.</summary>
    public const int Places = 1 << 10;

    private const string Type = "dpop+jwt", NoToken = "it is no signed JWT", Forged = "its signature is not its key's";
    private readonly Entry?[] table = new Entry?[Places];

    /// <summary>How many are remembered now.</summary>
    public int Count => table.Count(entry => entry is not null);

    /// <summary>The key of a proof and what it signed, or what is wrong with it.</summary>
    public (ProofKey? Key, byte[] Payload, string? Problem) Read(string text)
    {
        int length = text.IndexOf('.', StringComparison.Ordinal);
        if (length < 0) return (null, [], NoToken);
        var header = text.AsSpan(0, length);
        ref var place = ref table[(uint)string.GetHashCode(header) % Places];
        // The same header says the same of type, algorithm and key.
        if (Volatile.Read(ref place) is { } entry && header.SequenceEqual(entry.Header))
        {
            if (JsonWebSignature.ParseBody(text, length) is not var (payload, signed, signature)) return (null, [], NoToken);
            return entry.Key.Verifies(signed, signature) ? (entry.Key, payload, null) : (null, [], Forged);
        }
        if (JsonWebSignature.ParseForeign(text) is not { } parts) return (null, [], NoToken);
        if (!parts.Type.Equals(Type, StringComparison.OrdinalIgnoreCase)) return (null, [], $"its typ is not {Type}");
        var (key, problem) = ProofKey.Read(parts);
        if (key is null) return (null, [], problem);
        if (!key.Verifies(parts.Signed, parts.Signature))
        {
            key.Release();
            return (null, [], Forged);
        }
        Volatile.Write(ref place, new(header.ToString(), key));
        return (key, parts.Payload, null);
    }

    private sealed record Entry(string Header, ProofKey Key);
}
