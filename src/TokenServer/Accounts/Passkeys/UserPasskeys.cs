using TokenServer.Audit;
using TokenServer.Foundation.Precis;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Accounts.Passkeys;

/// <summary>The passkeys of accounts: asked for, added, listed, removed. Another account's is as one that is not there.</summary>
internal sealed class UserPasskeys(
    Database database, Ceremonies ceremonies, UserSessions sessions, UserAccounts accounts, TimeOrderedId ids)
{
    public const int LongestName = 100, MostPasskeys = 20;

    private const string AddSql = """
        INSERT INTO "Passkeys" ("Id", "AccountId", "CredentialId", "PublicKey", "SignCount", "Name", "IsSynced", "Transports", "CreatedAt")
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8) ON CONFLICT ("CredentialId") DO NOTHING
        """;

    public IReadOnlyList<Passkey> Of(int accountId) => database.Read(s => Of(s, accountId));

    /// <summary>What a page needs to have a passkey made for an account.</summary>
    public async Task<PasskeyRequest> AskToMakeAsync(RelyingParty party, int accountId, string browser)
    {
        var account = accounts.Find(accountId)!;
        var (options, state) = await ceremonies.Protocol.AskToMakeAsync(
            party, OwnerOf(accountId), account.UserName, account.Name ?? account.UserName);
        return new(options, ceremonies.Seal(ToMake(accountId), browser, state));
    }

    /// <summary>Adds the passkey that a browser has made.</summary>
    /// <param name="owner">Whose it shall be.</param>
    /// <param name="shown">What the browser says of it.</param>
    /// <param name="given">What its owner calls it.</param>
    public async Task<PasskeyAdded> AddAsync(Owner owner, ShownPasskey shown, string given)
    {
        if (GivenName.Of(given) is not { } name) return PasskeyAdded.BadName;
        if (await ceremonies.OpenAsync(ToMake(owner.AccountId), shown.Browser, shown.Ceremony) is not { } state)
            return PasskeyAdded.TooLate;
        var made = await ceremonies.Protocol.TakeMadeAsync(shown, OwnerOf(owner.AccountId), state);
        if (made is null) return PasskeyAdded.NotAccepted;
        return await database.WriteAsync(s =>
        {
            if (!owner.IsSignedIn(s)) return PasskeyAdded.SignedOut;
            if (!FullSignIn.Is(s, owner)) return PasskeyAdded.Halfway;
            if (Of(s, owner.AccountId).Count >= MostPasskeys) return PasskeyAdded.TooMany;
            long id = ids.Next();
            string transports = string.Join(' ', made.Transports.Where(IsTransport).Take(8));
            if (s.Execute(AddSql, id, owner.AccountId, Base64Url.EncodeToString(made.CredentialId),
                Base64Url.EncodeToString(made.PublicKey), (long)made.SignCount, name, made.IsSynced, transports,
                accounts.Now) != 1) return PasskeyAdded.NotAccepted;
            AuditTrail.Append(s, new AuditEvent("passkey.added", accounts.Now, owner.Actor)
            {
                Target = owner.Actor.Name,
                Detail = $"{TimeOrderedId.ToText(id)}, {(made.IsSynced ? "synced" : "on one device")}",
            });
            return PasskeyAdded.Added;
        });
    }

    /// <summary>Removes a passkey of the owner's, and ends the other sign-ins that were made with it.</summary>
    public async Task<NotOwned> RemoveAsync(Owner owner, string publicId)
    {
        var (ended, why) = await database.WriteAsync<Owned<IReadOnlyList<long>>>(s =>
        {
            if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
            if (!FullSignIn.Is(s, owner)) return NotOwned.Halfway;
            if (TimeOrderedId.Parse(publicId) is not { } id) return NotOwned.NotThere;
            var all = Of(s, owner.AccountId);
            bool hasPassword = UserAccounts.Find(s, owner.AccountId)?.PasswordHash is not null;
            if (all.Count == 1 && all[0].Id == id && !hasPassword) return NotOwned.LastWayIn;
            return Remove(s, owner.AccountId, id, owner.Actor, owner.SessionId) is { } ended
                ? new Owned<IReadOnlyList<long>>(ended, NotOwned.Owned) : NotOwned.NotThere;
        });
        sessions.Bury(ended ?? []);
        return why;
    }

    /// <summary>Removes a passkey of an account whose owner has lost it, be it the last way in, and ends the sign-ins that were made with
    /// it. False where the account has none of this id, or is above the <see cref="Rank"/> of who does it.</summary>
    public async Task<bool> RemoveAsync(int accountId, string publicId, Actor actor)
    {
        if (TimeOrderedId.Parse(publicId) is not { } id) return false;
        var ended = await database.WriteAsync(s => UserAccounts.Find(s, accountId) is { } account && Rank.MayTouch(actor, account.Role)
            ? Remove(s, accountId, id, actor, null) : null);
        sessions.Bury(ended ?? []);
        return ended is not null;
    }

    private IReadOnlyList<long>? Remove(Statements s, int accountId, long id, Actor actor, long? keptSession)
    {
        if (s.Execute("""DELETE FROM "Passkeys" WHERE "Id"=@p0 AND "AccountId"=@p1""", id, accountId) != 1) return null;
        AuditTrail.Append(s, new AuditEvent("passkey.removed", accounts.Now, actor)
            { Target = accountId.ToString(CultureInfo.InvariantCulture), Detail = TimeOrderedId.ToText(id) });
        return sessions.EndAllBy(s, accountId, id, keptSession);
    }

    private PasskeyOwner OwnerOf(int accountId) => new(accountId.ToString(CultureInfo.InvariantCulture), Of(accountId));

    private static List<Passkey> Of(Statements s, int accountId) =>
        s.All($"""SELECT {Passkey.Columns} FROM "Passkeys" WHERE "AccountId"=@p0 ORDER BY "Id" """, Passkey.Read, accountId);

    private static string ToMake(int accountId) => $"make {accountId.ToString(CultureInfo.InvariantCulture)}";

    // Words of a browser that are given back to browsers.
    private static bool IsTransport(string word) =>
        word is { Length: > 0 and <= 20 } && word.All(c => char.IsAsciiLetterLower(c) || c == '-');
}

/// <summary>What became of a passkey that was made. TooLate: the page was another browser's, too old, or was used before. NotAccepted: it
/// was not made as asked, or is there already. Halfway: the session was begun without the second factor that the account has.</summary>
internal enum PasskeyAdded { Added, SignedOut, Halfway, BadName, TooMany, TooLate, NotAccepted }

/// <summary>What a page needs to ask a browser for a passkey.</summary>
/// <param name="Options">For the browser, JSON as WebAuthn section 5.1 has it.</param>
/// <param name="Ceremony">The sealed challenge, which comes back with the answer.</param>
internal sealed record PasskeyRequest(string Options, string Ceremony);
