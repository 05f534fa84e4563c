using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>Authorization requests that wait: those that clients push (RFC 9126), and those for which a person has to do something first.
/// One is a row of OpenIddictTokens, found by its <c>request_uri</c>, whose secret is stored as a hash; it is good for its client and for
/// one answer (docs/decisions/0030).</summary>
internal sealed class AuthorizationRequests(
    Database database, ClientRegistry clients, TimeOrderedId ids, LifetimesOptions lifetimes, TimeProvider clock)
{
    /// <summary>How long a sign-in with all its steps may take, from when a browser first came with the request.</summary>
    public static readonly TimeSpan LongestSignIn = TimeSpan.FromMinutes(30);

    private const string ChangeSql = """
        UPDATE "OpenIddictTokens" SET "Properties"=@p1, "ExpirationDate"=@p2
        WHERE "Id"=@p0 AND "Status"='valid' AND "ExpirationDate">@p3
        """;

    /// <summary>Stores a request that has been checked.</summary>
    /// <param name="request">The request, with those parameters alone that have a meaning.</param>
    /// <param name="isPushed">Whether the client pushed it itself.</param>
    /// <param name="browser">What the browser is known by that goes to a page for it now; null where none has come.</param>
    /// <returns>Its <c>request_uri</c>.</returns>
    public async Task<string> StoreAsync(AuthorizationRequest request, bool isPushed, string? browser)
    {
        var token = ReferenceToken.Create(ids.Next());
        DateTime now = Now;
        var (ends, properties) = browser is null ? (now + lifetimes.PushedRequest, request.ToJson(isPushed))
            : (now + LongestSignIn, request.WithOpened(browser, token.Id));
        var row = new StoredToken(request.Client.Id, null, null, now, ends, properties);
        await database.WriteBesideAsync(s => StoredTokens.Insert(s, token, StoredTokens.Request, row));
        return token.ToText(ReferenceToken.Request);
    }

    /// <summary>The request, while it may still be answered; null where there is none, its time is over, or it was answered.</summary>
    public AuthorizationRequest? Find(string requestUri) =>
        ReferenceToken.Parse(ReferenceToken.Request, requestUri) is { } token ? database.Read(s => Find(s, token)) : null;

    /// <summary>A browser has come with the request for the first time: from here it is that browser's, for as long as a sign-in may take.
    /// </summary>
    /// <param name="requestUri">Which request.</param>
    /// <param name="browser">What the browser will be known by.</param>
    /// <returns>Whether it is that browser's now.</returns>
    public Task<bool> OpenAsync(string requestUri, string browser) => ChangeAsync(requestUri, (request, now) =>
        !request.IsOpened ? (request.WithOpened(browser, ids.Next()), now + LongestSignIn)
            : request.IsOf(browser) ? (null, null) : null);

    /// <summary>The person has said no: the authorization endpoint answers <c>access_denied</c>. False where there is nothing to
    /// answer.</summary>
    public Task<bool> DenyAsync(string requestUri, long signInId) =>
        ChangeAsync(requestUri, (request, _) => (request.WithDenied(signInId), null));

    /// <summary>The person has said yes to this very request. False where there is nothing to answer.</summary>
    public Task<bool> AllowAsync(string requestUri, long signInId) =>
        ChangeAsync(requestUri, (request, _) => (request.WithAllowed(signInId), null));

    /// <summary>The person goes on as the account of this sign-in (<c>prompt=select_account</c>). False where there is nothing to
    /// answer.</summary>
    public Task<bool> ChooseAsync(string requestUri, long signInId) =>
        ChangeAsync(requestUri, (request, _) => (request.WithChosen(signInId), null));

    /// <summary>Uses a request up, since it is being answered. False where it was answered already.</summary>
    public Task<bool> CloseAsync(long id) => database.WriteBesideAsync(s => Close(s, id, Now));

    /// <inheritdoc cref="CloseAsync"/>
    public static bool Close(Statements s, long id, DateTime now) => StoredTokens.Leave(s, id, StoredTokens.Redeemed, now);

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private AuthorizationRequest? Find(Statements s, ReferenceToken token) =>
        StoredTokens.Find(s, token, StoredTokens.Request) is { Status: StoredTokens.Valid, Properties: { } properties } row
        && row.ExpiresAt > Now && !StoredTime.IsAhead(row.CreatedAt, Now)
        && clients.FindRow(row.ApplicationId ?? 0) is { } client && client.Vouches(token.Id)
            ? AuthorizationRequest.Read(token.Id, client, row.CreatedAt, properties) : null;

    // What is written of it, and when it ends from here, null as it did; null where nothing may be changed.
    private async Task<bool> ChangeAsync(
        string requestUri, Func<AuthorizationRequest, DateTime, (string? Properties, DateTime? Ends)?> change)
    {
        if (ReferenceToken.Parse(ReferenceToken.Request, requestUri) is not { } token) return false;
        return await database.WriteAsync(s =>
        {
            DateTime now = Now;
            if (StoredTokens.Find(s, token, StoredTokens.Request) is not { } row || Find(s, token) is not { } request
                || change(request, now) is not var (properties, ends)) return false;
            return properties is null || s.Execute(ChangeSql, token.Id, properties, ends ?? row.ExpiresAt, now) == 1;
        });
    }
}
