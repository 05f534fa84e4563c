using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Rows;
using TokenServer.Tokens;

namespace TokenServer.Accounts.TwoFactor;

/// <summary>Temp tokens: proof of a right password while the second factor is due; bound to client and scopes,
/// dead at success or after five wrong codes.</summary>
internal sealed class TempTokens(TimeOrderedId ids, LifetimesOptions lifetimes, TimeProvider clock)
{
    private const int WrongCodes = 5;

    /// <summary>A new temp token, in the caller's transaction.</summary>
    public string Create(Statements s, AccountSnapshot account, Client client, ScopeSet scopes)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        var token = ReferenceToken.Create(ids.Next());
        StoredTokens.Insert(s, token, StoredTokens.Temp,
            new(client.Id, null, account.Subject, now, now + lifetimes.TempToken, ClientColumns.Write(new Dictionary<string, string>
            {
                ["scope"] = scopes.ToString(), ["stamp"] = account.SecurityStamp ?? "", ["wrong"] = "0",
            })));
        return token.ToText(ReferenceToken.Temp);
    }

    /// <summary>What a temp token of <paramref name="client"/> stands for; null where it is none, or dead.</summary>
    public TempToken? Find(Statements s, string value, Client client)
    {
        if (ReferenceToken.Parse(ReferenceToken.Temp, value) is not { } token
            || StoredTokens.Find(s, token, StoredTokens.Temp) is not { Status: StoredTokens.Valid } row) return null;
        DateTime now = clock.GetUtcNow().UtcDateTime;
        if (row.ApplicationId != client.Id || row.ExpiresAt <= now || StoredTime.IsAhead(row.CreatedAt, now) || !client.Vouches(token.Id))
            return null;
        var properties = ClientColumns.ReadTexts(row.Properties);
        return new TempToken(token.Id, int.Parse(row.Subject!),
            ScopeSet.Parse(properties["scope"]).Intersect(client.Scopes), properties["stamp"], properties);
    }

    /// <summary>Uses the token up; false where another request did.</summary>
    public bool Redeem(Statements s, TempToken token) =>
        StoredTokens.Leave(s, token.Id, StoredTokens.Redeemed, clock.GetUtcNow().UtcDateTime);

    /// <summary>Counts a wrong code; the fifth is the token's end.</summary>
    public void Fail(Statements s, TempToken token)
    {
        int wrong = int.Parse(token.Properties["wrong"]) + 1;
        token.Properties["wrong"] = wrong.ToString();
        if (wrong >= WrongCodes) StoredTokens.Leave(s, token.Id, StoredTokens.Revoked, clock.GetUtcNow().UtcDateTime);
        else
            s.Execute("""UPDATE "OpenIddictTokens" SET "Properties"=@p1 WHERE "Id"=@p0""", token.Id, ClientColumns.Write(token.Properties));
    }
}

/// <summary>What a temp token stands for.</summary>
internal sealed record TempToken(long Id, int AccountId, ScopeSet Scopes, string SecurityStamp, Dictionary<string, string> Properties);
