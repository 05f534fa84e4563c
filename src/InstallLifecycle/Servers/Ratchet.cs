using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Servers;

/// <summary>What a check-in's key comes to (contract section 5b). Each use of the last key makes the next; the one before is taken
/// again, with the same answer, until the next is used, for an answer may be lost. Who brings an older one, or repeats what another
/// has sent, is one of two.</summary>
/// <param name="Step">What is to be done.</param>
/// <param name="KeyHash">The row's hashes and salt after that.</param>
/// <param name="UsedHash">Of the key that was brought.</param>
/// <param name="Salt">What made the next key of it.</param>
/// <param name="NonceHash">Of what it was known by.</param>
/// <param name="Next">The key for the next check-in; null where the server has no ratchet.</param>
internal sealed record Ratchet(RatchetStep Step,
    string? KeyHash = null, string? UsedHash = null, string? Salt = null, string? NonceHash = null, string? Next = null)
{
    /// <summary>What <paramref name="key"/> comes to for <paramref name="server"/>, as its row is.</summary>
    /// <param name="server">The server.</param>
    /// <param name="key">The key that was brought, in its form; null for none.</param>
    /// <param name="nonce">What the agent made up for this check-in, and repeats with it; null for nothing.</param>
    public static Ratchet Of(ServerRow server, string? key, string? nonce)
    {
        if (server.CloneSuspectedAt is not null) return new(RatchetStep.Suspected);
        if (server.CheckinKeyHash is null) return new(RatchetStep.Passes);
        if (key is null) return new(RatchetStep.KeyMissing);
        string hash = CheckinKey.HashOf(key);
        string? nonceHash = nonce is null ? null : CheckinKey.HashOf(nonce);
        if (CheckinKey.Matches(hash, server.CheckinKeyHash))
        {
            string salt = CheckinKey.CreateSalt(), next = CheckinKey.After(key, salt);
            return new(RatchetStep.Passes, CheckinKey.HashOf(next), hash, salt, nonceHash, next);
        }
        // Two that hold one key and go in step would look like one that loses every other answer, but for what they make up.
        bool isRepeat = CheckinKey.Matches(hash, server.UsedKeyHash)
            && (server.CheckinNonceHash is null || nonceHash is not null && CheckinKey.Matches(nonceHash, server.CheckinNonceHash));
        return isRepeat ? new(RatchetStep.Passes, server.CheckinKeyHash, server.UsedKeyHash, server.CheckinSalt, server.CheckinNonceHash,
            CheckinKey.After(key, server.CheckinSalt!)) : new(RatchetStep.Suspects);
    }
}

/// <summary>What is to be done about a check-in.</summary>
internal enum RatchetStep
{
    /// <summary>It is the server's.</summary>
    Passes,

    /// <summary>It brought no key, and the server has one.</summary>
    KeyMissing,

    /// <summary>It shows that there are two.</summary>
    Suspects,

    /// <summary>That there are two is known, and not settled.</summary>
    Suspected,
}
