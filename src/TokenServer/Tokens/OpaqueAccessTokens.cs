using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.Tokens;

/// <summary>Access tokens that say nothing to who holds them (OpenIddict's reference tokens): the claims are in the row.</summary>
internal sealed class OpaqueAccessTokens(Database database, TimeOrderedId ids)
{
    public async Task<string> StoreAsync(AccessToken token, Client client)
    {
        var value = ReferenceToken.Create(ids.Next());
        string claims = Encoding.UTF8.GetString(AccessTokenJson.Write(token));
        var row = new StoredToken(client.Id, token.SessionId, token.Subject, Time(token.IssuedAt), Time(token.ExpiresAt), claims);
        await database.WriteBesideAsync(s => StoredTokens.Insert(s, value, StoredTokens.Access, row));
        return value.ToText(ReferenceToken.OpaqueAccess);
    }

    /// <summary>What the token says; null where it is none of ours. Times are not looked at, nor what was revoked but in the row.</summary>
    public AccessToken? Read(string text) =>
        ReferenceToken.Parse(ReferenceToken.OpaqueAccess, text) is { } value
        && database.Read(s => StoredTokens.Find(s, value, StoredTokens.Access)) is { Properties: { } claims, Status: StoredTokens.Valid }
            ? AccessTokenJson.Read(Encoding.UTF8.GetBytes(claims)) : null;

    private static DateTime Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime;
}
