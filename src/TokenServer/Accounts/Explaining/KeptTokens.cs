using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Sessions.Devices;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Explaining;

/// <summary>What has a row of OpenIddictTokens: refresh tokens, opaque access tokens, codes, device codes, temp tokens, pushed
/// requests.</summary>
internal sealed class KeptTokens(Database database, ClientRegistry clients, CommonChecks common, AccessTokenChecks access, Blame blame)
    : IExplainedKind
{
    private static readonly (string Prefix, string Type, string Kind)[] Rows =
    [
        (ReferenceToken.Refresh, StoredTokens.Refresh, TokenUse.Refresh),
        (ReferenceToken.OpaqueAccess, StoredTokens.Access, TokenUse.Access),
        (ReferenceToken.Code, StoredTokens.Code, TokenKinds.Code), (DeviceCodes.Prefix, StoredDeviceCode.Type, TokenKinds.DeviceCode),
        (ReferenceToken.Temp, StoredTokens.Temp, TokenKinds.TempToken), (ReferenceToken.Request, StoredTokens.Request, TokenKinds.Request),
    ];

    public bool Recognizes(string text) => Rows.Any(r => text.StartsWith(r.Prefix, StringComparison.Ordinal));

    public TokenFacts? Explain(string text)
    {
        var (prefix, type, kind) = Rows.First(r => text.StartsWith(r.Prefix, StringComparison.Ordinal));
        var none = new TokenFacts(kind) { IsLookedUp = kind is TokenUse.Refresh or TokenUse.Access };
        if (ReferenceToken.Parse(prefix, text) is not { } token
            || database.Read(s => StoredTokens.Find(s, token, type)) is not { } row) return none.Fails(Checks.NotFound);
        if (kind != TokenUse.Access) return Explain(none, token.Id, row);
        if (row.Properties is not { } claims || AccessTokenJson.Read(Encoding.UTF8.GetBytes(claims)) is not { } read)
            return none.Fails(Checks.NotFound);
        var facts = access.Explain(read);
        if (row.Status != StoredTokens.Valid) facts.Fails(Checks.Revoked, row.RedeemedAt);
        return facts;
    }

    private TokenFacts Explain(TokenFacts none, long id, StoredToken row)
    {
        bool isUsed = row.Status == StoredTokens.Redeemed;
        var facts = none with
        {
            Subject = row.Subject, ClientId = row.ApplicationId is { } client ? clients.FindRow(client)?.ClientId : null,
            SessionId = row.SessionId, IssuedAt = row.CreatedAt,
            // One that was used is kept for longer, to be known again.
            ExpiresAt = isUsed && none.Kind == TokenKinds.Code ? row.RedeemedAt : row.ExpiresAt,
            AccountId = int.TryParse(row.Subject, NumberStyles.None, CultureInfo.InvariantCulture, out int account) ? account : null,
        };
        Status(facts, id, row);
        if (!isUsed) common.Times(facts);
        // A refresh token goes by its session, which is older.
        common.Client(facts, none.Kind == TokenUse.Refresh ? facts.SessionId ?? 0 : id);
        if (facts.SessionId is { } session) common.Session(facts, session);
        if (facts.AccountId is not null) Account(facts, row);
        return facts;
    }

    private void Status(TokenFacts facts, long id, StoredToken row)
    {
        switch (row.Status)
        {
            case StoredTokens.Redeemed:
                facts.Fails(Checks.Used, row.RedeemedAt, facts.ClientId);
                break;
            case StoredTokens.Revoked:
                facts.Fails(Checks.Revoked, row.RedeemedAt, blame.Last(TimeOrderedId.ToText(id), "token.revoked")?.Actor);
                break;
            case StoredDeviceCode.Denied:
                var denied = blame.Last(TimeOrderedId.ToText(id), "device.denied");
                facts.Fails(Checks.Denied, denied?.Time, denied?.Actor ?? row.Subject);
                break;
        }
    }

    // A code hangs on the browser's sign-in too, and a code as a temp token on what the account was like.
    private void Account(TokenFacts facts, StoredToken row)
    {
        switch (facts.Kind)
        {
            case TokenKinds.Code when row.Properties is { } properties:
                var content = CodeContent.Read(row.Subject!, properties);
                if (row.Status == StoredTokens.Valid) common.Session(facts, content.SignInId, Checks.SignInEnded);
                common.Account(facts, row.Status == StoredTokens.Valid ? content.Stamp : null);
                break;
            case TokenKinds.TempToken:
                common.Account(facts, row.Status == StoredTokens.Valid
                    ? ClientColumns.ReadTexts(row.Properties).GetValueOrDefault("stamp") : null);
                break;
            default:
                common.Account(facts);
                break;
        }
    }
}
