using TokenServer.Foundation;
using TokenServer.Storage;

namespace TokenServer.Pruning;

/// <summary>Sessions and refresh tokens that a clock which was ahead has stamped: they count as of now, so that none lives longer than
/// its lifetime from here. What lives for minutes needs none of this: it is not taken while it lies ahead.</summary>
internal sealed class StampedAhead(Database database, LifetimesOptions lifetimes, TimeProvider clock)
{
    // Ids grow with time, so these are found by the key.
    private const string Sessions = """UPDATE "OpenIddictAuthorizations" SET "CreationDate"=@p0 WHERE "Id">=@p1 AND "CreationDate">@p2""";
    private const string Tokens = """
        UPDATE "OpenIddictTokens" SET "ExpirationDate"=@p0
        WHERE "Id">=@p1 AND "CreationDate">@p2 AND "Type"='refresh_token' AND "ExpirationDate">@p0
        """;

    /// <summary>Brings them back to now.</summary>
    public Task CountAsNowAsync()
    {
        DateTime now = clock.GetUtcNow().UtcDateTime, ahead = now + StoredTime.Skew;
        long first = TimeOrderedId.FirstAt(ahead);
        return database.WriteAsync(s =>
        {
            s.Execute(Sessions, now, first, ahead);
            s.Execute(Tokens, now + lifetimes.RefreshToken, first, ahead);
        });
    }
}
