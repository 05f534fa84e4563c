using Microsoft.AspNetCore.Identity;
using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Protection;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Import;

/// <summary>Brings clients, scopes and users to what a file says: all of it or, where something cannot be taken, nothing.
/// Again changes nothing.</summary>
internal sealed class Importer(
    Database database, ImportTargets targets, PasswordHashing hashing, SecondFactor secondFactor, TimeProvider clock)
{
    /// <exception cref="ImportException">Something cannot be taken; the message names the place.</exception>
    public async Task ApplyAsync(ImportDocument document, Actor actor, Action<Statements>? alongside = null)
    {
        Check(document);
        // Hashing is slow, so it is done before the transaction; a secret that is already the one in the file keeps its hash.
        string?[] secrets = new string?[document.Clients.Length], passwords = new string?[document.Users.Length];
        await Parallel.ForAsync(0, secrets.Length, async (i, _) => secrets[i] =
            await NewHashAsync(targets.Clients.Find(document.Clients[i].ClientId!)?.SecretHash, document.Clients[i].ClientSecret));
        await Parallel.ForAsync(0, passwords.Length, async (i, _) => passwords[i] =
            await NewHashAsync(targets.Accounts.FindByLogin(document.Users[i].UserName)?.PasswordHash, document.Users[i].Password));
        var ended = await database.WriteAsync(s =>
        {
            foreach (var scope in document.Scopes) targets.ScopeRows.Save(s, scope);
            for (int i = 0; i < document.Clients.Length; i++) targets.Clients.Save(s, document.Clients[i], secrets[i]);
            var sessions = new List<long>();
            for (int i = 0; i < document.Users.Length; i++)
                sessions.AddRange(Save(s, document.Users[i], passwords[i], $"users[{i}]", actor));
            alongside?.Invoke(s);
            AuditTrail.Append(s, new AuditEvent("import.applied", clock.GetUtcNow().UtcDateTime, actor)
            {
                Detail = $"{document.Clients.Length} clients, {document.Scopes.Length} scopes, {document.Users.Length} users",
            });
            return sessions;
        });
        targets.Sessions.Bury(ended);
        targets.Clients.Reload();
        targets.Scopes.Reload();
    }

    private void Check(ImportDocument document)
    {
        for (int i = 0; i < document.Scopes.Length; i++)
            if (targets.ScopeRows.ProblemOf(document.Scopes[i]) is { } problem) throw new ImportException($"scopes[{i}]", problem);
        var coming = new Coming(document.Scopes, document.Clients);
        for (int i = 0; i < document.Clients.Length; i++)
            if (targets.Clients.ProblemOf(document.Clients[i], coming) is { } problem) throw new ImportException($"clients[{i}]", problem);
    }

    // Null where there is nothing to change.
    private async Task<string?> NewHashAsync(string? stored, string? secret)
    {
        if (secret is null) return null;
        if (stored is not null && (await hashing.VerifyAsync(stored, secret) ?? throw Busy()) != PasswordVerificationResult.Failed)
            return null;
        return await hashing.HashAsync(secret) ?? throw Busy();
    }

    private static StorageUnavailableException Busy() => new("too many passwords wait to be hashed");

    private IReadOnlyList<long> Save(Statements s, NewAccount user, string? passwordHash, string place, Actor actor)
    {
        var byName = UserAccounts.FindByLogin(s, user.UserName);
        if (UserAccounts.FindByLogin(s, user.Email) is { } byEmail && byEmail.Id != byName?.Id)
            throw new ImportException(place, "email is another account's");
        if (byName is null) targets.Accounts.Insert(s, user, passwordHash!);
        int id = (byName ?? UserAccounts.FindByLogin(s, user.UserName)!).Id;
        if (byName is not null && byName.Email != user.Email) EmailChanges.Supersede(s, id, actor, clock.GetUtcNow().UtcDateTime);
        using var context = s.Context();
        var account = context.Users.Single(a => a.Id == id);
        // Another address is not proven by that the one before was.
        account.EmailConfirmed &= account.NormalizedEmail == UserAccounts.Normalize(user.Email);
        (account.Email, account.NormalizedEmail, account.Name, account.Role) =
            (user.Email, UserAccounts.Normalize(user.Email), user.Name, user.Role);
        account.NormalizedName = user.Name is { } name ? NamePart.Fold(name) : null;
        byte[]? secret = user.TotpSecret is { } text ? Enrolment.Read(text) : null;
        context.SaveChanges();
        // What a thief of the old secret has, recovery codes and sessions, goes with it; so do the rights of another role.
        bool newSecret = secret is not null && secondFactor.Give(s, id, secret);
        if (byName is null) return [];
        if (passwordHash is not null) return targets.Accounts.SetPasswordHash(s, byName.Id, passwordHash, null);
        return newSecret || byName.Role != user.Role ? targets.Accounts.EndSessions(s, byName.Id) : [];
    }
}

/// <summary>What an import changes.</summary>
internal sealed record ImportTargets(
    ClientRegistry Clients, ScopeRegistry Scopes, ScopeRows ScopeRows, UserAccounts Accounts, UserSessions Sessions);
