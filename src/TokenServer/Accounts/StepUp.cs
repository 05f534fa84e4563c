using TokenServer.Accounts.TwoFactor;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Accounts;

/// <summary>The second factor later than the password: a session that began with the password alone, a short while ago, is followed by one
/// with both (RFC 9470), whose <c>auth_time</c> stays the password's. The same check, limits and lockout as where a sign-in asks
/// for it.</summary>
internal sealed class StepUp(Database database, UserSessions sessions, SecondFactor secondFactor, SignInReport report, TimeProvider clock)
{
    /// <param name="owner">Whose session it is.</param>
    /// <param name="session">That session; who gives the new one to a browser ends it.</param>
    /// <param name="code">A TOTP code or a recovery code.</param>
    /// <param name="caller">Whose sign-in it is, for the audit trail and who counts.</param>
    /// <returns>SignedIn, InvalidCode, or InvalidTempToken where the password has to be given again.</returns>
    public async Task<SignInResult> WithCodeAsync(Owner owner, OpenSession session, string code, SignInCaller caller)
    {
        var result = await database.WriteAsync<SignInResult>(s =>
        {
            if (!owner.IsSignedIn(s) || !RecentSignIn.Is(session.AuthTime, clock)
                || UserAccounts.Find(s, owner.AccountId) is not { DisabledAt: null, HasSecondFactor: true } account
                || !ClientRegistry.MayStart(s, session.Client)) return new SignInResult.InvalidTempToken();
            var verdict = secondFactor.Use(s, account.Id, code, caller.Address, session.Client.ClientId);
            if (verdict != SecondFactorVerdict.Right) return new SignInResult.InvalidCode(verdict);
            return new SignInResult.SignedIn(
                sessions.Start(s, account, session.Client, session.Client.Scopes, SignIn.WithCode,
                refreshable: false, caller.Address, authTime: session.AuthTime,
                marks: new() { Browser = caller.Browser }), account);
        });
        report.Tell(caller, result.Outcome, session.Client.ClientId);
        if (result is SignInResult.InvalidCode(var why)) secondFactor.Count(why);
        return result;
    }
}
