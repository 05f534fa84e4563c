using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>Authorization codes (RFC 6749 section 4.1.2): <c>ac_</c> with a row of OpenIddictTokens, good once, for a minute, for its
/// client, its redirect address and its challenge's verifier (contract section 9).</summary>
internal sealed class AuthorizationCodes(
    Database database, ClientRegistry clients, TimeOrderedId ids, LifetimesOptions lifetimes, TimeProvider clock)
{
    // So long a used code is known again, and its second use ends the session: no access token of that lives longer.
    private static readonly TimeSpan Remembered = LifetimesOptions.LongestAccessToken;

    private const string RedeemSql = """
        UPDATE "OpenIddictTokens" SET "Status"='redeemed', "RedemptionDate"=@p1, "ExpirationDate"=@p2
        WHERE "Id"=@p0 AND "Status"='valid' AND "ExpirationDate">@p1
        """;

    /// <summary>Gives a code out.</summary>
    /// <param name="client">The client that gets it.</param>
    /// <param name="code">What it stands for.</param>
    /// <param name="requestId">The stored request that it answers, which is used up by it; null where none was stored.</param>
    /// <returns>The code; null where the request was answered meanwhile.</returns>
    public async Task<string?> IssueAsync(Client client, CodeContent code, long? requestId)
    {
        var token = ReferenceToken.Create(ids.Next());
        DateTime now = Now;
        string subject = code.AccountId.ToString(CultureInfo.InvariantCulture);
        var row = new StoredToken(client.Id, null, subject, now, now + lifetimes.AuthorizationCode, code.ToJson());
        bool isIssued = await database.WriteBesideAsync(s =>
        {
            if (requestId is { } id && !AuthorizationRequests.Close(s, id, now)) return false;
            StoredTokens.Insert(s, token, StoredTokens.Code, row);
            return true;
        });
        return isIssued ? token.ToText(ReferenceToken.Code) : null;
    }

    /// <summary>The code, whether or not it was used; null where there is none such, or its time is over and it was not.</summary>
    public StoredCode? Find(string text)
    {
        if (ReferenceToken.Parse(ReferenceToken.Code, text) is not { } token
            || database.Read(s => StoredTokens.Find(s, token, StoredTokens.Code)) is not { Properties: { } properties } row
            || clients.FindRow(row.ApplicationId ?? 0) is not { } client) return null;
        bool isUsed = row.Status == StoredTokens.Redeemed;
        if (!isUsed && (row.Status != StoredTokens.Valid || row.ExpiresAt <= Now || StoredTime.IsAhead(row.CreatedAt, Now)
            || !client.Vouches(token.Id))) return null;
        return new StoredCode(token.Id, client, CodeContent.Read(row.Subject!, properties), isUsed, row.SessionId);
    }

    /// <summary>Uses a code up, in the caller's transaction. False where it was used, or its time is over.</summary>
    public static bool Redeem(Statements s, long id, DateTime now) => s.Execute(RedeemSql, id, now, now + Remembered) == 1;

    /// <summary>Notes the session that begins with a code, so that a second use ends it.</summary>
    public static void Link(Statements s, long id, long sessionId) =>
        s.Execute("""UPDATE "OpenIddictTokens" SET "AuthorizationId"=@p1 WHERE "Id"=@p0""", id, sessionId);

    /// <summary>The session that began with a code; null where none did.</summary>
    public static long? SessionOf(Statements s, long id) =>
        s.First("""SELECT "AuthorizationId" FROM "OpenIddictTokens" WHERE "Id"=@p0""", r => (object?)Row.LongOrNull(r, 0), id) as long?;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}

/// <summary>A code's row.</summary>
/// <param name="Id">The row's key.</param>
/// <param name="Client">The client that got it.</param>
/// <param name="Content">What it stands for.</param>
/// <param name="IsUsed">Whether it was used before.</param>
/// <param name="SessionId">The session that began with it.</param>
internal sealed record StoredCode(long Id, Client Client, CodeContent Content, bool IsUsed, long? SessionId);
