using TokenServer.Audit;
using TokenServer.Sessions.Devices;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>Takes back what would begin a session and has not yet: a code, a device that waits or was allowed, a sign-in whose second
/// factor is due.</summary>
internal sealed class PendingGrants(Database database, TimeProvider clock)
{
    private const string RevokeSql = """
        UPDATE "OpenIddictTokens" SET "Status"='revoked', "RedemptionDate"=@p1
        WHERE "Id"=@p0 AND "Status" IN ('valid', 'inactive') AND "ExpirationDate" > @p1
        """;
    private static readonly (string Prefix, string Type, string Kind)[] Rows =
    [
        (ReferenceToken.Code, StoredTokens.Code, TokenKinds.Code), (DeviceCodes.Prefix, StoredDeviceCode.Type, TokenKinds.DeviceCode),
        (ReferenceToken.Temp, StoredTokens.Temp, TokenKinds.TempToken),
    ];

    /// <summary>Now, UTC.</summary>
    public DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Takes <paramref name="text"/> back; what it was, null where it is none of these, or none that is alive.</summary>
    public async Task<string?> RevokeAsync(string text, Actor actor)
    {
        var (prefix, type, kind) = Rows.FirstOrDefault(r => text.StartsWith(r.Prefix, StringComparison.Ordinal));
        if (prefix is null || ReferenceToken.Parse(prefix, text) is not { } token) return null;
        return await database.WriteAsync(s =>
        {
            if (StoredTokens.Find(s, token, type) is null || s.Execute(RevokeSql, token.Id, Now) != 1) return null;
            AuditTrail.Append(s, new AuditEvent("token.revoked", Now, actor) { Target = TimeOrderedId.ToText(token.Id), Detail = kind });
            return kind;
        });
    }
}
