using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Accounts;

/// <summary>The exchange of an authorization code for a session (RFC 6749 section 4.1.3), once: what the code hung on is asked again in
/// the transaction that uses it up.</summary>
internal sealed class CodeSignIn(Database database, UserSessions sessions, TimeProvider clock)
{
    /// <summary>Begins the session of a code that was shown by its client, with its redirect address and its verifier. A second use ends
    /// the session that the first began: who shows a code again may have stolen it, or the first may have (RFC 6749 section
    /// 4.1.2).</summary>
    /// <param name="code">The code, as it was found.</param>
    /// <param name="address">The caller's address, for the audit trail.</param>
    /// <param name="keyThumbprint">The key that the session's refresh tokens are to be bound to; null for none.</param>
    public async Task<CodeResult> ExchangeAsync(StoredCode code, string? address, string? keyThumbprint = null)
    {
        var result = code.IsUsed ? new CodeResult.Used(code.SessionId)
            : await database.WriteAsync(s => Exchange(s, code, address, keyThumbprint));
        if (result is CodeResult.Used({ } session))
            await sessions.EndAsync(session, new AuditEvent("code.reused", Now)
            {
                Actor = code.Content.AccountId.ToString(CultureInfo.InvariantCulture), Target = TimeOrderedId.ToText(session),
                ClientId = code.Client.ClientId, Address = address,
                Detail = AuditReason.CodeReplayed,
            });
        return result;
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private CodeResult Exchange(Statements s, StoredCode code, string? address, string? keyThumbprint)
    {
        if (!AuthorizationCodes.Redeem(s, code.Id, Now)) return new CodeResult.Used(AuthorizationCodes.SessionOf(s, code.Id));
        var content = code.Content;
        if (!UserSessions.IsOpen(s, content.AccountId, content.SignInId) || !ClientRegistry.MayStart(s, code.Client)
            || UserAccounts.Find(s, content.AccountId) is not { DisabledAt: null } account || account.SecurityStamp != content.Stamp
            || !AdminRoles.MayHave(account.Role, content.Scopes)) return new CodeResult.Invalid();
        var scopes = content.Scopes.Intersect(code.Client.Scopes);
        var started = sessions.Start(s, account, code.Client, scopes, content.Methods,
            scopes.Contains(ScopeSet.OfflineAccess), address, content.SignInId, content.AuthTime,
            keyThumbprint: keyThumbprint);
        AuthorizationCodes.Link(s, code.Id, started.Session.Id);
        return new CodeResult.Begun(started);
    }
}

/// <summary>What became of a code that was shown rightly.</summary>
internal abstract record CodeResult
{
    /// <summary>Its session has begun.</summary>
    internal sealed record Begun(StartedSession Started) : CodeResult;

    /// <summary>It was used before, and the session that began with it has ended; null where none did.</summary>
    internal sealed record Used(long? SessionId) : CodeResult;

    /// <summary>Its time is over, or what it hung on has ended.</summary>
    internal sealed record Invalid() : CodeResult;
}
