using TokenServer.Audit;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Accounts;

/// <summary>What the owner of an account changes at once of what it shows: the name. The user name is who the account is to clients, and
/// stays; the e-mail address is <see cref="EmailChanges"/>' (docs/decisions/0048).</summary>
internal sealed class OwnProfile(Database database, UserAccounts accounts)
{
    private const string RenameSql = """UPDATE "AspNetUsers" SET "Name"=@p1, "NormalizedName"=@p2 WHERE "Id"=@p0""";

    /// <summary>Gives the account another name, or none.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="version">The <see cref="AccountSnapshot.Version"/> that was seen.</param>
    /// <param name="given">The name; null for none.</param>
    public Task<Renamed> RenameAsync(Owner owner, string version, string? given) => database.WriteAsync(s =>
    {
        string? name = given?.Trim() is { Length: > 0 } text ? text : null;
        if (!owner.IsSignedIn(s) || UserAccounts.Find(s, owner.AccountId) is not { } account) return Renamed.SignedOut;
        if (account.Version != version) return Renamed.Stale;
        if (NewAccount.NameProblem(name) is not null) return Renamed.BadName;
        if (name == account.Name) return Renamed.Done;
        s.Execute(RenameSql, account.Id, name, name is null ? null : NamePart.Fold(name));
        AuditTrail.Append(s, new AuditEvent("account.changed", accounts.Now, owner.Actor) { Target = account.Subject, Detail = "name" });
        return Renamed.Done;
    });
}

/// <summary>What became of a new name. Stale: the account was changed since it was seen.</summary>
internal enum Renamed { Done, SignedOut, BadName, Stale }
