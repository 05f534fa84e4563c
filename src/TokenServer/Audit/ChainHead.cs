using TokenServer.Storage;

namespace TokenServer.Audit;

/// <summary>Where the chain begins and ends, as the database says.</summary>
internal sealed record ChainHead(long LastId, string LastHash, long OriginId, string Origin, bool IsSealed)
{
    public static ChainHead Read(Statements s) =>
        s.First("""SELECT "LastId", "LastHash", "OriginId", "Origin", "IsSealed" FROM "AuditHeads" """,
        r => new ChainHead(r.GetInt64(0), r.GetString(1), r.GetInt64(2), r.GetString(3), r.GetBoolean(4)))!;
}
