using TokenServer.Accounts.TwoFactor;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Accounts;

/// <summary>The one way in, for every face: password, second factor, session.</summary>
internal sealed class SignIn(Database database, PasswordCheck passwords, UserSessions sessions,
    SecondFactor secondFactor, TempTokens tempTokens, SignInReport report)
{
    private static readonly string[] PasswordOnly = ["pwd"], WithCode = ["pwd", "otp", "mfa"];

    /// <summary>The first step. An unknown user takes as long as a wrong password.</summary>
    /// <param name="login">User name, or e-mail address.</param>
    /// <param name="password">The password.</param>
    /// <param name="request">Who asks, and for what.</param>
    public async Task<SignInResult> WithPasswordAsync(string login, string password, SessionRequest request)
    {
        var result = await TryPasswordAsync(login, password, request);
        report.Tell(request.Caller, result.Outcome, request.Client.ClientId);
        return result;
    }

    private async Task<SignInResult> TryPasswordAsync(string login, string password, SessionRequest request)
    {
        if (request.Client.IsRevoked) return new SignInResult.Refused(SignInResult.Refused.ClientRevoked);
        var account = database.Read(s => UserAccounts.FindByLogin(s, login));
        var verdict = await passwords.VerifyAsync(account, password, request.Client.ClientId, request.Caller.Address);
        if (verdict == PasswordVerdict.Busy) return new SignInResult.Busy();
        if (verdict == PasswordVerdict.Wrong)
            return new SignInResult.Refused(account is null ? SignInResult.Refused.UnknownUser : SignInResult.Refused.WrongPassword);
        var result = await database.WriteAsync(s => Accept(s, account!, request));
        // Only now: a locked account must take no longer than a wrong password does.
        if (verdict == PasswordVerdict.RightButWeaklyHashed && result is not SignInResult.Refused)
            await passwords.ImproveAsync(account!, password);
        return result;
    }

    /// <summary>The second step.</summary>
    /// <param name="tempToken">What the first step gave.</param>
    /// <param name="code">A TOTP code or a recovery code.</param>
    /// <param name="client">The client that asks; it must be the first step's.</param>
    /// <param name="refreshable">Whether a refresh token shall come along; null: where the scopes say so.</param>
    /// <param name="caller">Whose sign-in it is, for the audit trail and who counts.</param>
    public async Task<SignInResult> WithCodeAsync(string tempToken, string code, Client client, bool? refreshable, SignInCaller caller)
    {
        var result = await TryCodeAsync(tempToken, code, client, refreshable, caller.Address);
        report.Tell(caller, result.Outcome, client.ClientId);
        if (result is SignInResult.InvalidCode(var verdict)) secondFactor.Count(verdict);
        return result;
    }

    private Task<SignInResult> TryCodeAsync(string tempToken, string code, Client client, bool? refreshable, string? address) =>
        database.WriteAsync<SignInResult>(s =>
        {
            if (tempTokens.Find(s, tempToken, client) is not { } temp) return new SignInResult.InvalidTempToken();
            if (UserAccounts.Find(s, temp.AccountId) is not { DisabledAt: null } account || account.SecurityStamp != temp.SecurityStamp)
                return new SignInResult.InvalidTempToken();
            var verdict = secondFactor.Use(s, account.Id, code, address);
            if (verdict != SecondFactorVerdict.Right)
            {
                tempTokens.Fail(s, temp);
                return new SignInResult.InvalidCode(verdict);
            }
            if (!ClientRegistry.MayStart(s, client) || !tempTokens.Redeem(s, temp)) return new SignInResult.InvalidTempToken();
            if (!MayHave(account, temp.Scopes)) return new SignInResult.ScopeNotAllowed();
            return new SignInResult.SignedIn(sessions.Start(s, account, client, temp.Scopes,
                WithCode, refreshable ?? temp.Scopes.Contains(ScopeSet.OfflineAccess), address), account);
        });

    private SignInResult Accept(Statements s, AccountSnapshot before, SessionRequest request)
    {
        var (account, why) = passwords.Accept(s, before, request.Client.ClientId, request.Caller.Address);
        if (account is null) return new SignInResult.Refused(why!);
        if (!ClientRegistry.MayStart(s, request.Client)) return new SignInResult.Refused(SignInResult.Refused.ClientRevoked);
        if (!MayHave(account, request.Scopes)) return new SignInResult.ScopeNotAllowed();
        if (!account.HasSecondFactor)
            return new SignInResult.SignedIn(sessions.Start(s, account, request.Client,
                request.Scopes, PasswordOnly, request.Refreshable, request.Caller.Address), account);
        if (!request.Client.GrantTypes.Contains(SessionRequest.SecondFactorGrant)) return new SignInResult.SecondFactorNotPossible();
        return new SignInResult.SecondFactorDue(tempTokens.Create(s, account, request.Client, request.Scopes));
    }

    // The scope admin is for accounts with the role only (contract section 6).
    private static bool MayHave(AccountSnapshot account, ScopeSet scopes) => account.Role == "admin" || !scopes.Contains(ScopeSet.Admin);
}
