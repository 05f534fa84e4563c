using Microsoft.AspNetCore.Identity;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Accounts;

/// <summary>The one way in, for every face: password, lockout, second factor, session.</summary>
internal sealed class SignIn(Database database, PasswordHashing hashing, UserSessions sessions, SecondFactor secondFactor, TempTokens tempTokens, SignInContext context)
{
    private static readonly string[] PasswordOnly = ["pwd"], WithCode = ["pwd", "otp", "mfa"];

    /// <summary>The first step. An unknown user takes as long as a wrong password.</summary>
    /// <param name="login">User name, or e-mail address.</param>
    /// <param name="password">At most <see cref="PasswordHashing.LongestPassword"/> characters; a longer one is refused unhashed.</param>
    /// <param name="request">Who asks, and for what.</param>
    public async Task<SignInResult> WithPasswordAsync(string login, string password, SessionRequest request)
    {
        if (password.Length > PasswordHashing.LongestPassword) return new SignInResult.Refused(UserIsUnknown: false);
        var account = database.Read(s => UserAccounts.FindByLogin(s, login));
        if (await hashing.VerifyAsync(account?.PasswordHash, password) is not { } verified) return new SignInResult.Busy();
        if (account is null || verified == PasswordVerificationResult.Failed) return await RefuseAsync(account, request);
        string? better = verified == PasswordVerificationResult.SuccessRehashNeeded ? await hashing.HashAsync(password) : null;
        return await database.WriteAsync(s => Accept(s, account, better, request));
    }

    /// <summary>The second step.</summary>
    public Task<SignInResult> WithCodeAsync(string tempToken, string code, Client client, string? address) => database.WriteAsync<SignInResult>(s =>
    {
        if (tempTokens.Find(s, tempToken, client) is not { } temp) return new SignInResult.InvalidTempToken();
        if (UserAccounts.Find(s, temp.AccountId) is not { DisabledAt: null } account || account.SecurityStamp != temp.SecurityStamp) return new SignInResult.InvalidTempToken();
        if (!secondFactor.Use(s, account.Id, code, address))
        {
            tempTokens.Fail(s, temp);
            return new SignInResult.InvalidCode();
        }
        if (!tempTokens.Redeem(s, temp)) return new SignInResult.InvalidTempToken();
        if (!context.MayHave(account, temp.Scopes)) return new SignInResult.ScopeNotAllowed();
        return new SignInResult.SignedIn(sessions.Start(s, account, client, temp.Scopes, WithCode, temp.Refreshable), account);
    });

    private Task<SignInResult> RefuseAsync(AccountSnapshot? account, SessionRequest request) => database.WriteAsync<SignInResult>(s =>
    {
        DateTime now = context.Now;
        if (account is { DisabledAt: null } && Lockout.Passwords.Fail(s, account.Id, context.Options, now))
            AuditTrail.Append(s, new AuditEvent("account.locked", now) { Target = account.Subject, ClientId = request.Client.ClientId, Address = request.Address });
        AuditTrail.Append(s, new AuditEvent("sign_in.failed", now) { Target = account?.Subject, ClientId = request.Client.ClientId, Address = request.Address });
        return new SignInResult.Refused(UserIsUnknown: account is null);
    });

    // What was true when the password was looked up may have changed while it was hashed, so it is asked again where it can change no more.
    private SignInResult Accept(Statements s, AccountSnapshot before, string? betterHash, SessionRequest request)
    {
        if (UserAccounts.Find(s, before.Id) is not { DisabledAt: null } account || account.SecurityStamp != before.SecurityStamp || !Lockout.Passwords.Pass(s, account.Id, context.Now))
        {
            AuditTrail.Append(s, new AuditEvent("sign_in.refused", context.Now) { Target = before.Subject, ClientId = request.Client.ClientId, Address = request.Address });
            return new SignInResult.Refused(UserIsUnknown: false);
        }
        if (betterHash is not null)
            s.Execute("""UPDATE "AspNetUsers" SET "PasswordHash"=@p1 WHERE "Id"=@p0 AND "PasswordHash"=@p2""", account.Id, betterHash, account.PasswordHash);
        if (!context.MayHave(account, request.Scopes)) return new SignInResult.ScopeNotAllowed();
        if (!account.HasSecondFactor) return new SignInResult.SignedIn(sessions.Start(s, account, request.Client, request.Scopes, PasswordOnly, request.Refreshable), account);
        if (!request.Client.GrantTypes.Contains(SessionRequest.SecondFactorGrant)) return new SignInResult.SecondFactorNotPossible();
        return new SignInResult.SecondFactorDue(tempTokens.Create(s, account, request.Client, request.Scopes, request.Refreshable));
    }
}
