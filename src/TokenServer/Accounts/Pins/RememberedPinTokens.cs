using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Pins;

/// <summary>PIN tokens in memory only (contract section 4), gone with the process.</summary>
internal sealed class RememberedPinTokens(Database database) : IKeptPinTokens
{
    private const int MostTokens = 100_000;
    private readonly ConcurrentDictionary<long, (string Hash, PinToken Token)> issued = new();

    public Task AddAsync(ReferenceToken token, PinToken issued)
    {
        foreach (var (id, old) in this.issued)
            if (old.Token.ExpiresAt <= issued.At || this.issued.Count >= MostTokens) this.issued.TryRemove(id, out _);
        this.issued[token.Id] = (token.Hash, issued);
        return Task.CompletedTask;
    }

    public PinToken? Find(ReferenceToken token) =>
        issued.TryGetValue(token.Id, out var known) && token.Matches(known.Hash) ? known.Token : null;

    public async Task<bool> EndAsync(ReferenceToken token, AuditEvent happened)
    {
        if (!issued.TryRemove(token.Id, out _)) return false;
        await database.WriteAsync(s => AuditTrail.Append(s, happened));
        return true;
    }
}
