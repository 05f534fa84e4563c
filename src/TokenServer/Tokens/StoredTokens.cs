using TokenServer.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Tokens;

/// <summary>The rows of OpenIddictTokens, in its vocabulary of types and statuses.</summary>
internal static class StoredTokens
{
    public const string Refresh = "refresh_token", Access = "access_token", Temp = "temp_token", Pin = "pin_token",
        Code = TokenTypeIdentifiers.Private.AuthorizationCode, Request = TokenTypeIdentifiers.Private.RequestToken;

    /// <summary>All types but refresh tokens: ours, and the entries that OpenIddict makes.</summary>
    public static readonly string[] ShortLived = [Access, Temp, Pin, Code, TokenTypeIdentifiers.Private.DeviceCode,
        TokenTypeIdentifiers.Private.UserCode, Request, TokenTypeIdentifiers.Private.StateToken,
        TokenTypeIdentifiers.AccessToken, TokenTypeIdentifiers.IdentityToken];

    private static readonly string[] Codes = [TokenTypeIdentifiers.Private.AuthorizationCode, TokenTypeIdentifiers.Private.DeviceCode];

    public const string Valid = "valid", Redeemed = "redeemed", Revoked = "revoked";

    private const string InsertSql = """
        INSERT INTO "OpenIddictTokens" ("Id", "ApplicationId", "AuthorizationId", "CreationDate", "ExpirationDate", "Payload",
            "Properties", "Status", "Subject", "Type")
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, 'valid', @p7, @p8)
        """;
    private const string SelectSql = """
        SELECT "ApplicationId", "AuthorizationId", "CreationDate", "ExpirationDate", "Payload", "Properties",
            "RedemptionDate", "Status", "Subject"
        FROM "OpenIddictTokens" WHERE "Id"=@p0 AND "Type"=@p1
        """;
    private const string LeaveSql = """
        UPDATE "OpenIddictTokens" SET "Status"=@p1, "RedemptionDate"=@p2
        WHERE "Id"=@p0 AND "Status"='valid' AND "ExpirationDate" > @p2
        """;

    // By the index of those that are not expired: they live for minutes.
    private const string RevokeSql = """
        UPDATE "OpenIddictTokens" SET "Status"='revoked', "RedemptionDate"=@p1
        WHERE "Type"=@p0 AND "ExpirationDate" > @p1 AND ("Subject"=@p2 AND "ApplicationId"=@p3 AND "Status"='valid') IS TRUE
        """;

    private const string RevokePendingSql = """
        UPDATE "OpenIddictTokens" SET "Status"='revoked', "RedemptionDate"=@p1
        WHERE "Type"=@p0 AND "ExpirationDate" > @p1 AND ("ApplicationId"=@p2 AND "Status" IN ('valid', 'inactive')) IS TRUE
        """;

    public static void Insert(Statements s, ReferenceToken token, string type, StoredToken row) => s.Execute(InsertSql,
        token.Id, row.ApplicationId, row.SessionId, row.CreatedAt, row.ExpiresAt, token.Hash, row.Properties, row.Subject, type);

    /// <summary>The row of <paramref name="token"/>, if the secret is its own.</summary>
    public static StoredToken? Find(Statements s, ReferenceToken token, string type) =>
        s.First(SelectSql, Read, token.Id, type) is { } row && token.Matches(row.Hash) ? row : null;

    /// <summary>Moves a valid token to <paramref name="status"/>; false where it was not valid any more.</summary>
    public static bool Leave(Statements s, long id, string status, DateTime now) => s.Execute(LeaveSql, id, status, now) == 1;

    /// <summary>Takes back the codes of an account at a client that were not used yet, in the caller's transaction.</summary>
    public static void RevokeCodes(Statements s, string subject, long applicationId, DateTime now)
    {
        foreach (string type in Codes) s.Execute(RevokeSql, type, now, subject, applicationId);
    }

    /// <summary>Takes back what of a client's would begin a session and has not yet: codes, and sign-ins whose second factor is due; in the
    /// caller's transaction. How many.</summary>
    public static int RevokePending(Statements s, long applicationId, DateTime now) =>
        ((string[])[.. Codes, Temp]).Sum(type => s.Execute(RevokePendingSql, type, now, applicationId));

    /// <summary>Deletes every token that is no refresh token.</summary>
    public static void DeleteShortLived(Statements s) => s.Execute("""DELETE FROM "OpenIddictTokens" WHERE "Type"<>@p0""", Refresh);

    private static StoredToken Read(DbDataReader r) =>
        new(Row.LongOrNull(r, 0), Row.LongOrNull(r, 1), Row.TextOrNull(r, 8), Row.Time(r, 2), Row.Time(r, 3), Row.TextOrNull(r, 5))
    {
        RedeemedAt = Row.TimeOrNull(r, 6), Status = r.GetString(7), Hash = Row.TextOrNull(r, 4),
    };
}
