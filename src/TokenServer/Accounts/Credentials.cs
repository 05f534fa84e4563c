using TokenServer.Accounts.TwoFactor;
using TokenServer.Audit;
using TokenServer.Protection;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Accounts;

/// <summary>What the owner of an account changes of its credentials: the password, and the second factor.</summary>
internal sealed class Credentials(Database database, PasswordCheck passwords,
    PasswordHashing hashing, UserAccounts accounts, UserSessions sessions, SecondFactor secondFactor)
{
    /// <summary>Changes the password and ends every session but the owner's.</summary>
    public async Task<CredentialsResult> ChangePasswordAsync(Owner owner, AccountSnapshot account, string current, string next)
    {
        if (PasswordRule.Problem(account.UserName, account.Email, next) is not null) return CredentialsResult.Weak;
        var verdict = await passwords.VerifyAsync(account, current, Face, owner.Address);
        if (verdict == PasswordVerdict.Busy) return CredentialsResult.Busy;
        if (verdict == PasswordVerdict.Wrong) return CredentialsResult.WrongPassword;
        if (await hashing.HashAsync(next) is not { } hash) return CredentialsResult.Busy;
        var (ended, why) = await database.WriteAsync<Owned<IReadOnlyList<long>>>(s =>
        {
            if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
            if (passwords.Accept(s, account, Face, owner.Address).Account is null) return NotOwned.NotThere;
            AuditTrail.Append(s, new AuditEvent("account.password_changed", accounts.Now, owner.Actor) { Target = owner.Actor.Name });
            // Whoever knew the former password may have asked for it.
            EmailChanges.Supersede(s, account.Id, owner.Actor, accounts.Now);
            return new(accounts.SetPasswordHash(s, account.Id, hash, owner.SessionId), NotOwned.Owned);
        });
        sessions.Bury(ended ?? []);
        return why switch { NotOwned.Owned => CredentialsResult.Done,
            NotOwned.SignedOut => CredentialsResult.SignedOut, _ => CredentialsResult.WrongPassword };
    }

    /// <summary>A TOTP secret to be enabled; nothing changes until then. NotThere where the second factor is on.</summary>
    public Task<Owned<byte[]>> SetUpSecondFactorAsync(Owner owner) => database.WriteAsync<Owned<byte[]>>(s =>
        WhyNotOn(s, owner) is { } why ? why : secondFactor.SetUp(s, owner.AccountId));

    /// <summary>Turns the second factor on with a code of the secret that was set up; the recovery codes,
    /// or NotThere where the code is wrong or nothing was set up.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="code">The code.</param>
    /// <param name="name">What the authenticator is called.</param>
    public Task<Owned<string[]>> EnableSecondFactorAsync(Owner owner, string code, string name = Authenticator.UsualName) =>
        database.WriteAsync<Owned<string[]>>(s =>
    {
        if (WhyNotOn(s, owner) is { } why) return why;
        if (!secondFactor.Enable(s, owner.AccountId, code, name)) return NotOwned.NotThere;
        AuditTrail.Append(s, new AuditEvent("second_factor.enabled", accounts.Now, owner.Actor) { Target = owner.Actor.Name });
        return RecoveryCodes.Replace(s, owner.AccountId);
    });

    private static NotOwned? WhyNotOn(Statements s, Owner owner) => !owner.IsSignedIn(s) ? NotOwned.SignedOut
        : SecondFactor.IsOn(s, owner.AccountId) ? NotOwned.NotThere : FullSignIn.Is(s, owner) ? null : NotOwned.Halfway;

    /// <summary>How many recovery codes an account has left.</summary>
    public int RecoveryCodesLeft(int accountId) => database.Read(s => RecoveryCodes.Left(s, accountId));

    /// <summary>New recovery codes in place of all old ones, for who has a code; NotThere where that is wrong.</summary>
    public async Task<Owned<string[]>> ReplaceRecoveryCodesAsync(Owner owner, string code)
    {
        var factor = SecondFactorVerdict.Right;
        var result = await database.WriteAsync<Owned<string[]>>(s =>
        {
            if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
            factor = secondFactor.Use(s, owner.AccountId, code, owner.Address);
            if (factor != SecondFactorVerdict.Right) return NotOwned.NotThere;
            AuditTrail.Append(s, new AuditEvent("recovery_codes.replaced", accounts.Now, owner.Actor) { Target = owner.Actor.Name });
            return RecoveryCodes.Replace(s, owner.AccountId);
        });
        secondFactor.Count(factor);
        return result;
    }

    /// <summary>Turns the second factor off, for who has both the password and a code.</summary>
    public async Task<CredentialsResult> DisableSecondFactorAsync(Owner owner, AccountSnapshot account, string password, string code)
    {
        var verdict = await passwords.VerifyAsync(account, password, Face, owner.Address);
        if (verdict == PasswordVerdict.Busy) return CredentialsResult.Busy;
        if (verdict == PasswordVerdict.Wrong) return CredentialsResult.WrongPassword;
        var factor = SecondFactorVerdict.Right;
        var result = await database.WriteAsync(s =>
        {
            if (!owner.IsSignedIn(s)) return CredentialsResult.SignedOut;
            if (passwords.Accept(s, account, Face, owner.Address).Account is null) return CredentialsResult.WrongPassword;
            factor = secondFactor.Use(s, account.Id, code, owner.Address);
            if (factor != SecondFactorVerdict.Right) return CredentialsResult.WrongCode;
            SecondFactor.TurnOff(s, account.Id);
            AuditTrail.Append(s, new AuditEvent("second_factor.disabled", accounts.Now, owner.Actor) { Target = owner.Actor.Name });
            return CredentialsResult.Done;
        });
        secondFactor.Count(factor);
        return result;
    }

    private const string Face = Clients.FirstPartyClient.ClientId;
}

/// <summary>What became of a change of credentials.</summary>
internal enum CredentialsResult { Done, Weak, WrongPassword, WrongCode, SignedOut, Busy }
