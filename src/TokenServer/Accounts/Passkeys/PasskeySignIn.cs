using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Passkeys;

/// <summary>Signing in by a passkey (contract section 9): what one has and what unlocks it, so it counts as two factors. Locked and
/// disabled accounts are refused as at every other door.</summary>
internal sealed class PasskeySignIn(Database database, Ceremonies ceremonies, UserSessions sessions,
    AccountsOptions options, SignInReport report, TimeProvider clock)
{
    private const string FindSql = $"""SELECT {Passkey.Columns} FROM "Passkeys" WHERE "CredentialId"=@p0""";

    // Authenticators that do not count say 0 for ever.
    private const string UseSql = """
        UPDATE "Passkeys" SET "SignCount"=@p1, "LastUsedAt"=@p2
        WHERE "Id"=@p0 AND ("SignCount" < @p1 OR ("SignCount"=0 AND @p1=0))
        """;

    /// <summary>What a page needs to have a passkey shown.</summary>
    /// <param name="party">Whom the passkey is for.</param>
    /// <param name="owner">Whose passkey; null: anybody's.</param>
    /// <param name="browser">The browser's key.</param>
    public async Task<PasskeyRequest> AskToShowAsync(RelyingParty party, PasskeyOwner? owner, string browser)
    {
        var (asked, state) = await ceremonies.Protocol.AskToShowAsync(party, owner);
        return new(asked, ceremonies.Seal(ToShow(owner?.Subject), browser, state));
    }

    /// <summary>Begins a session for who has shown a passkey.</summary>
    /// <param name="shown">What the browser says.</param>
    /// <param name="subject">The account that has to be signed in again; null: whosever the passkey is.</param>
    /// <param name="request">Who asks, and for what.</param>
    /// <returns>SignedIn or Refused.</returns>
    public async Task<SignInResult> WithPasskeyAsync(ShownPasskey shown, string? subject, SessionRequest request)
    {
        var result = await TryAsync(shown, subject, request);
        report.Tell(request.Caller, result.Outcome, request.Client.ClientId);
        return result;
    }

    private async Task<SignInResult> TryAsync(ShownPasskey shown, string? subject, SessionRequest request)
    {
        if (await ceremonies.OpenAsync(ToShow(subject), shown.Browser, shown.Ceremony) is not { } state)
            return await RefuseAsync(SignInResult.Refused.PasskeyTooLate, null, request);
        if (CredentialIdOf(shown.Credential) is not { } id || database.Read(s => s.First(FindSql, Passkey.Read, id)) is not { } passkey)
            return await RefuseAsync(SignInResult.Refused.UnknownPasskey, null, request);
        var owner = new PasskeyOwner(passkey.AccountId.ToString(CultureInfo.InvariantCulture), [passkey]);
        return await ceremonies.Protocol.TakeShownAsync(shown, owner, state) is { } count
            ? await database.WriteAsync(s => Accept(s, passkey, count, request))
            : await RefuseAsync(SignInResult.Refused.WrongPasskey, owner.Subject, request);
    }

    private SignInResult Accept(Statements s, Passkey passkey, uint count, SessionRequest request)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        string subject = passkey.AccountId.ToString(CultureInfo.InvariantCulture);
        if (UserAccounts.Find(s, passkey.AccountId) is not { DisabledAt: null } account)
            return Refuse(s, "sign_in.refused", SignInResult.Refused.Disabled, subject, request);
        if (Lockout.Passwords.IsLocked(s, account.Id, options, now) || Lockout.SecondFactors.IsLocked(s, account.Id, options, now))
            return Refuse(s, "sign_in.refused", SignInResult.Refused.Locked, subject, request);
        if (EntryRule.Refusal(s, account, request.Client, request.Scopes) is { } refusal)
        {
            Refuse(s, "sign_in.refused", refusal.Outcome, subject, request);
            return refusal;
        }
        if (s.Execute(UseSql, passkey.Id, (long)count, now) != 1)
        {
            if (s.First(FindSql, Passkey.Read, Base64Url.EncodeToString(passkey.CredentialId)) is null)
                return Refuse(s, "sign_in.failed", SignInResult.Refused.UnknownPasskey, subject, request);
            AuditTrail.Append(s, new AuditEvent("passkey.counter_went_back", now)
                { Target = subject, Address = request.Caller.Address, Detail = passkey.PublicId });
            return Refuse(s, "sign_in.failed", SignInResult.Refused.CopiedPasskey, subject, request);
        }
        string[] methods = passkey.IsSynced ? SignInMethods.Synced : SignInMethods.OnePlace;
        return new SignInResult.SignedIn(sessions.Start(s, account, request.Client, request.Scopes, methods,
            request.Refreshable, request.Caller.Address,
            marks: new() { PasskeyId = passkey.Id, Browser = request.Caller.Browser }), account);
    }

    private Task<SignInResult> RefuseAsync(string why, string? subject, SessionRequest request) =>
        database.WriteAsync<SignInResult>(s => Refuse(s, "sign_in.failed", why, subject, request));

    private SignInResult.Refused Refuse(Statements s, string happened, string why, string? subject, SessionRequest request)
    {
        AuditTrail.Append(s, new AuditEvent(happened, clock.GetUtcNow().UtcDateTime)
            { Target = subject, ClientId = request.Client.ClientId, Address = request.Caller.Address, Detail = why });
        return new SignInResult.Refused(why);
    }

    // The id as it is stored; null where the answer has none.
    private static string? CredentialIdOf(string credential)
    {
        try
        {
            using var json = JsonDocument.Parse(credential);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("id", out var id)
                && id.ValueKind == JsonValueKind.String ? Base64Url.EncodeToString(Base64Url.DecodeFromChars(id.GetString())) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string ToShow(string? subject) => subject is null ? "show" : $"show {subject}";
}
