using TokenServer.Accounts.ApiKeys;
using TokenServer.Accounts.Pins;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Explaining;

/// <summary>API keys, tunnel tokens and PIN tokens.</summary>
internal sealed class AccountCredentials(Database database, IKeptPinTokens pins, CommonChecks common, Blame blame) : IExplainedKind
{
    private const string KeySql = """SELECT "AccountId", "CreatedAt", "ExpiresAt" FROM "ApiKeys" WHERE "Hash"=@p0""",
        TunnelSql = """SELECT "AccountId", "TokenCreatedAt", "Id", "TokenHash" FROM "Tunnels" WHERE "TokenId"=@p0""";

    public bool Recognizes(string text) => text.StartsWith(UserApiKeys.Prefix, StringComparison.Ordinal)
        || text.StartsWith(ReferenceToken.Tunnel, StringComparison.Ordinal) || ReferenceToken.ParseHex(text) is not null;

    public TokenFacts? Explain(string text) => text.StartsWith(UserApiKeys.Prefix, StringComparison.Ordinal) ? ApiKey(text)
        : ReferenceToken.ParseHex(text) is { } pin ? Pin(pin) : Tunnel(text);

    private TokenFacts ApiKey(string text)
    {
        if (database.Read(s => s.First(KeySql, r => Of(TokenUse.ApiKey, r.GetInt32(0), Row.Time(r, 1)) with
            { ExpiresAt = Row.TimeOrNull(r, 2) }, UserApiKeys.Hash(text))) is not { } facts)
            return None(TokenUse.ApiKey).Fails(Checks.NotFound);
        common.Times(facts);
        return WithAccount(facts);
    }

    private TokenFacts Tunnel(string text)
    {
        if (ReferenceToken.Parse(ReferenceToken.Tunnel, text) is not { } token || database.Read(s => s.First(TunnelSql,
            r => new StoredTunnel(Of(TokenUse.Tunnel, r.GetInt32(0), Row.Time(r, 1)), r.GetInt32(2), r.GetString(3)), token.Id))
            is not { } tunnel) return None(TokenUse.Tunnel).Fails(Checks.NotFound);
        // Nothing is left of the secret of one that was revoked.
        if (tunnel.Hash.Length == 0)
        {
            var act = blame.Last(tunnel.Id.ToString(CultureInfo.InvariantCulture), "tunnel.token_revoked");
            return tunnel.Facts.Fails(Checks.Revoked, act?.Time, act?.Actor);
        }
        return token.Matches(tunnel.Hash) ? WithAccount(tunnel.Facts) : None(TokenUse.Tunnel).Fails(Checks.NotFound);
    }

    private TokenFacts Pin(ReferenceToken token)
    {
        if (pins.Find(token) is not { } issued) return None(TokenUse.Pin).Fails(Checks.NotFound);
        var facts = new TokenFacts(TokenUse.Pin)
        {
            IsLookedUp = true, Subject = "pin", IssuedAt = issued.At.UtcDateTime, ExpiresAt = issued.ExpiresAt.UtcDateTime,
        };
        common.Times(facts);
        if (facts.Failed.Count > 0) return facts;
        // The lookup says whether this is so.
        var set = blame.Last(null, "pin.set");
        return facts.Fails(Checks.PinChanged, set?.Time, set?.Actor);
    }

    private TokenFacts WithAccount(TokenFacts facts)
    {
        common.Account(facts);
        return facts;
    }

    private static TokenFacts Of(string kind, int accountId, DateTime issuedAt) => None(kind) with
    {
        AccountId = accountId, Subject = accountId.ToString(CultureInfo.InvariantCulture), IssuedAt = issuedAt,
    };

    private static TokenFacts None(string kind) => new(kind) { IsLookedUp = true };

    private sealed record StoredTunnel(TokenFacts Facts, int Id, string Hash);
}
