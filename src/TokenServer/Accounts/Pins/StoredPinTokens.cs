using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Pins;

/// <summary>PIN tokens in the database, where one that a replica gave out is good, and ends,
/// at every other (docs/decisions/0018).</summary>
internal sealed class StoredPinTokens(Database database) : IKeptPinTokens
{
    private const string Pin = "pin";

    public Task AddAsync(ReferenceToken token, PinToken issued)
    {
        string properties = ClientColumns.Write(new Dictionary<string, string> { [Pin] = issued.Pin });
        return database.WriteBesideAsync(s => StoredTokens.Insert(s, token, StoredTokens.Pin,
            new(null, null, Pin, issued.At.UtcDateTime, issued.ExpiresAt.UtcDateTime, properties)));
    }

    public PinToken? Find(ReferenceToken token) =>
        database.Read(s => StoredTokens.Find(s, token, StoredTokens.Pin)) is { Status: StoredTokens.Valid } row
        ? new PinToken(row.CreatedAt, row.ExpiresAt, ClientColumns.ReadTexts(row.Properties)[Pin]) : null;

    public Task<bool> EndAsync(ReferenceToken token, AuditEvent happened) => database.WriteAsync(s =>
    {
        if (!StoredTokens.Leave(s, token.Id, StoredTokens.Revoked, happened.Time)) return false;
        AuditTrail.Append(s, happened);
        return true;
    });
}
