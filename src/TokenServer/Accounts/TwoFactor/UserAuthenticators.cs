using TokenServer.Audit;
using TokenServer.Foundation.Precis;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Accounts.TwoFactor;

/// <summary>The authenticators of accounts whose second factor is on: listed, added beside others, removed (docs/decisions/0049).
/// Another account's is as one that is not there. The first comes, and the last goes, with the second factor itself
/// (<see cref="Credentials"/>).</summary>
internal sealed class UserAuthenticators(Database database, UserAccounts accounts, UserSessions sessions, SecondFactor secondFactor)
{
    /// <summary>Those that open the account, the oldest first.</summary>
    public IReadOnlyList<Authenticator> Of(int accountId) => database.Read(s => StoredAuthenticators.Of(s, accountId));

    /// <summary>A secret for another one, which opens nothing until <see cref="AddAsync"/>.</summary>
    public Task<Owned<byte[]>> SetUpAsync(Owner owner) => database.WriteAsync<Owned<byte[]>>(s =>
        WhyNot(s, owner) is { } why ? why : secondFactor.SetUp(s, owner.AccountId));

    /// <summary>Adds the one that was set up, by a code of it. The answer is its id; NotThere where the code is wrong or nothing was set
    /// up.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="code">The code.</param>
    /// <param name="given">What it is called.</param>
    public Task<Owned<string>> AddAsync(Owner owner, string code, string given) => database.WriteAsync<Owned<string>>(s =>
    {
        if (WhyNot(s, owner) is { } why) return why;
        if (GivenName.Of(given) is not { } name) return NotOwned.BadName;
        if (StoredAuthenticators.Of(s, owner.AccountId).Exists(a => a.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            return NotOwned.NameTaken;
        if (secondFactor.Prove(s, owner.AccountId, code, name) is not { } id) return NotOwned.NotThere;
        Append(s, "authenticator.added", owner.AccountId, id, owner.Actor);
        return TimeOrderedId.ToText(id);
    });

    /// <summary>Removes one of the owner's, but not the last: that takes turning the second factor off. Nobody knows which sessions were
    /// begun with it, so they go on.</summary>
    public Task<NotOwned> RemoveAsync(Owner owner, string publicId) => database.WriteAsync(s =>
    {
        if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
        if (!FullSignIn.Is(s, owner)) return NotOwned.Halfway;
        if (Find(s, owner.AccountId, publicId) is not { } found) return NotOwned.NotThere;
        if (StoredAuthenticators.Of(s, owner.AccountId).Count == 1) return NotOwned.LastWayIn;
        return Remove(s, found, owner.Actor) ? NotOwned.Owned : NotOwned.NotThere;
    });

    /// <summary>Removes one of an account whose owner has lost it, and ends all its sessions, since nobody knows which were begun with it;
    /// with the last one the second factor is off. False where the account has none of this id, or is above the <see cref="Rank"/> of who
    /// does it.</summary>
    public async Task<bool> RemoveAsync(int accountId, string publicId, Actor actor)
    {
        var ended = await database.WriteAsync(s =>
        {
            if (UserAccounts.Find(s, accountId) is not { } account || !Rank.MayTouch(actor, account.Role)
                || Find(s, accountId, publicId) is not { } found || !Remove(s, found, actor)) return null;
            if (StoredAuthenticators.Of(s, accountId).Count == 0) accounts.TakeSecondFactor(s, account, actor);
            return accounts.EndSessions(s, accountId);
        });
        sessions.Bury(ended ?? []);
        return ended is not null;
    }

    private static NotOwned? WhyNot(Statements s, Owner owner) => !owner.IsSignedIn(s) ? NotOwned.SignedOut
        : !SecondFactor.IsOn(s, owner.AccountId) ? NotOwned.NotThere : !FullSignIn.Is(s, owner) ? NotOwned.Halfway
        : StoredAuthenticators.Of(s, owner.AccountId).Count >= Authenticator.Most ? NotOwned.TooMany : null;

    private static Authenticator? Find(Statements s, int accountId, string publicId) =>
        StoredAuthenticators.Of(s, accountId).Find(a => a.PublicId == publicId);

    private bool Remove(Statements s, Authenticator found, Actor actor)
    {
        if (!StoredAuthenticators.Remove(s, found.AccountId, found.Id)) return false;
        Append(s, "authenticator.removed", found.AccountId, found.Id, actor);
        return true;
    }

    private void Append(Statements s, string happened, int accountId, long id, Actor actor) =>
        AuditTrail.Append(s, new AuditEvent(happened, accounts.Now, actor)
            { Target = accountId.ToString(CultureInfo.InvariantCulture), Detail = TimeOrderedId.ToText(id) });
}
