using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Explaining;

/// <summary>The checks of an access token that is this server's, signed or opaque: the order of <see cref="AccessTokenKind"/>.</summary>
internal sealed class AccessTokenChecks(CommonChecks common, RevocationIndex revocations, Blame blame)
{
    public TokenFacts Explain(AccessToken token)
    {
        var facts = new TokenFacts(TokenUse.Access)
        {
            IsLookedUp = true, Subject = token.Subject, ClientId = token.ClientId, SessionId = token.SessionId,
            IssuedAt = Time(token.IssuedAt), ExpiresAt = Time(token.ExpiresAt),
            AccountId = token.SessionId is null ? null : int.Parse(token.Subject, CultureInfo.InvariantCulture),
        };
        common.Times(facts);
        common.Client(facts, token.SessionId is { } own && token.Exchanged is null ? [token.Id, own] : [token.Id]);
        common.Token(facts, token.Id);
        if (token.Exchanged is { } exchanged) Origin(facts, exchanged, token.SessionId);
        if (token.SessionId is { } session) common.Session(facts, session, needsRow: false);
        if (facts.AccountId is not null) common.Account(facts);
        return facts;
    }

    // What an exchanged token came from is another client's.
    private void Origin(TokenFacts facts, ExchangedFor exchanged, long? session)
    {
        foreach (long id in exchanged.TokenIds.Where(revocations.Contains))
        {
            var act = blame.Last(TimeOrderedId.ToText(id), "token.revoked");
            facts.Fails(Checks.OriginRevoked, act?.Time, act is null ? exchanged.ClientId : act.Actor);
        }
        var origin = new TokenFacts(TokenUse.Access) { ClientId = exchanged.ClientId };
        common.Client(origin, session is { } own ? [exchanged.TokenIds[0], own] : [exchanged.TokenIds[0]]);
        foreach (var failed in origin.Failed) facts.Fails(Checks.OriginRevoked, failed.Since, failed.By);
    }

    private static DateTime Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime;
}
