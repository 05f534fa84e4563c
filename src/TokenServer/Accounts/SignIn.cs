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
    /// <summary>How a session was begun, in the words of RFC 8176 (<c>amr</c>).</summary>
    public static readonly string[] PasswordOnly = ["pwd"], WithCode = ["pwd", "otp", "mfa"];

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
        if (request.Client.IsRevoked) return await database.WriteAsync(s =>
            Refuse(s, null, request.Client, request.Caller.Address, new SignInResult.Refused(SignInResult.Refused.ClientRevoked)));
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
        var result = await TryCodeAsync(tempToken, code, client, refreshable, caller);
        report.Tell(caller, result.Outcome, client.ClientId);
        if (result is SignInResult.InvalidCode(var verdict)) secondFactor.Count(verdict);
        return result;
    }

    private Task<SignInResult> TryCodeAsync(string tempToken, string code, Client client, bool? refreshable, SignInCaller caller) =>
        database.WriteAsync<SignInResult>(s =>
        {
            if (tempTokens.Find(s, tempToken, client) is not { } temp)
                return Refuse(s, null, client, caller.Address, new SignInResult.InvalidTempToken());
            if (UserAccounts.Find(s, temp.AccountId) is not { DisabledAt: null } account || account.SecurityStamp != temp.SecurityStamp)
                return Refuse(s, temp.AccountId.ToString(CultureInfo.InvariantCulture), client, caller.Address,
                    new SignInResult.InvalidTempToken());
            var verdict = secondFactor.Use(s, account.Id, code, caller.Address, client.ClientId);
            if (verdict != SecondFactorVerdict.Right)
            {
                tempTokens.Fail(s, temp);
                return new SignInResult.InvalidCode(verdict);
            }
            if (!ClientRegistry.MayStart(s, client) || !tempTokens.Redeem(s, temp))
                return Refuse(s, account.Subject, client, caller.Address, new SignInResult.InvalidTempToken());
            if (!AdminRoles.MayHave(account.Role, temp.Scopes))
                return Refuse(s, account.Subject, client, caller.Address, new SignInResult.ScopeNotAllowed());
            return new SignInResult.SignedIn(sessions.Start(s, account, client, temp.Scopes,
                WithCode, refreshable ?? temp.Scopes.Contains(ScopeSet.OfflineAccess), caller.Address,
                keyThumbprint: caller.KeyThumbprint, marks: MarksOf(caller)), account);
        });

    private SignInResult Accept(Statements s, AccountSnapshot before, SessionRequest request)
    {
        var (account, why) = passwords.Accept(s, before, request.Client.ClientId, request.Caller.Address);
        if (account is null) return new SignInResult.Refused(why!);
        if (EntryRule.Refusal(s, account, request.Client, request.Scopes) is { } refusal)
            return Refuse(s, account.Subject, request.Client, request.Caller.Address, refusal);
        if (!account.HasSecondFactor)
            return new SignInResult.SignedIn(sessions.Start(s, account, request.Client,
                request.Scopes, PasswordOnly, request.Refreshable, request.Caller.Address,
                keyThumbprint: request.Caller.KeyThumbprint, marks: MarksOf(request.Caller)), account);
        if (!request.Client.GrantTypes.Contains(SessionRequest.SecondFactorGrant))
            return Refuse(s, account.Subject, request.Client, request.Caller.Address, new SignInResult.SecondFactorNotPossible());
        return new SignInResult.SecondFactorDue(tempTokens.Create(s, account, request.Client, request.Scopes));
    }

    // What it came to says why, to who may read the trail.
    private SignInResult Refuse(Statements s, string? subject, Client client, string? address, SignInResult result)
    {
        passwords.Refuse(s, subject, result.Outcome, client.ClientId, address);
        return result;
    }

    private static SessionMarks? MarksOf(SignInCaller caller) => caller.Browser is null ? null : new() { Browser = caller.Browser };
}
