using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Storage.Rows;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Explaining;

/// <summary>Any string → what it is, and why it is not good (contract section 6). Whether it is good is said by
/// <see cref="TokenLookup"/>, as to everybody else; the checks only say why.</summary>
internal sealed class TokenExplanations(TokenLookup tokens, IEnumerable<IExplainedKind> kinds, UserAccounts accounts, ChangeFeed changes)
{
    /// <summary>Characters of a text that could be anything of this server's.</summary>
    public const int Longest = 8192;

    // What those who are no administrators may revoke without looking at an account: of installs, not of clients.
    private static readonly string[] OfInstalls = [TokenKinds.InstallCode, "precheck", "install", "server"];
    private readonly IExplainedKind[] kinds = [.. kinds];

    /// <summary>What <paramref name="given"/> is; white space around it is dropped.</summary>
    /// <exception cref="StorageUnavailableException">It is not known what was revoked meanwhile.</exception>
    public async ValueTask<TokenExplanation> ExplainAsync(string given)
    {
        changes.EnsureFresh();
        string text = given.Trim();
        if (text.Length > Longest || kinds.Where(k => k.Recognizes(text)).Select(k => k.Explain(text)).FirstOrDefault(f => f is not null)
            is not { } facts) return new(new(TokenKinds.Unknown), false, [new(Checks.Unknown)]);
        bool isActive = facts.IsLookedUp ? await tokens.PeekAsync(text) is not null : facts.Failed.Count == 0;
        return new(facts, isActive, isActive ? [] : facts.Failed.Count > 0 ? facts.Failed : [new(Checks.Refused)]);
    }

    /// <summary>The same, for one who administers: who may not read the audit trail is not told which administrator, client or command did
    /// something, but what who asks, users and the helpdesk did.</summary>
    public async ValueTask<TokenExplanation> ExplainAsync(string given, Actor asker)
    {
        var token = await ExplainAsync(given);
        return AdminRights.May(asker.Role, new AdminRight(AdminArea.Audit, Changes: false)) ? token
            : token with { Reasons = [.. token.Reasons.Select(r => IsTold(r.By, asker) ? r : r with { By = null })] };
    }

    private bool IsTold(string? by, Actor asker) => by == asker.Name
        || int.TryParse(by, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            && accounts.Find(id) is { Role: not AdminRoles.Admin };

    /// <summary>Whether <paramref name="actor"/> may revoke it: who is no administrator ends what is of installs, and of accounts that do
    /// not administer.</summary>
    public bool MayRevoke(TokenExplanation token, Actor actor) =>
        actor.Role is Actor.Machine || AdminRights.May(actor.Role, new AdminRight(AdminArea.Tokens, Changes: true))
            && (Rank.MayTouch(actor, AdminRoles.Admin) || OfInstalls.Contains(token.Kind)
                || AccountOf(token) is { } account && Rank.MayTouch(actor, account.Role));

    /// <inheritdoc cref="MayRevoke"/>
    public async ValueTask<bool> MayRevokeAsync(string text, Actor actor) =>
        Rank.MayTouch(actor, AdminRoles.Admin) || await ExplainAsync(text) is var token && (token.IsNothing || MayRevoke(token, actor));

    /// <summary>The account that a token stands for; null where there is none.</summary>
    public AccountSnapshot? AccountOf(TokenExplanation token) => token.Facts.AccountId is { } id ? accounts.Find(id) : null;
}

/// <summary>What a text is.</summary>
/// <param name="Facts">What is known of it.</param>
/// <param name="IsActive">Whether it is good now.</param>
/// <param name="Reasons">Why it is not; empty where it is.</param>
internal sealed record TokenExplanation(TokenFacts Facts, bool IsActive, IReadOnlyList<FailedCheck> Reasons)
{
    public string Kind => Facts.Kind;

    /// <summary>Whether this server knows nothing of it, and so has nothing to end.</summary>
    public bool IsNothing => Reasons.Any(r => r.Check is Checks.NotFound or Checks.Unknown);

    /// <summary>Whether there is something to end: it is good, or it was used and what came of it may go on.</summary>
    public bool IsRevocable => Facts.Kind is not (TokenKinds.Unknown or TokenKinds.Receipt or TokenKinds.LogoutToken
            or TokenKinds.IdToken or TokenKinds.Request)
        && (IsActive || Facts is { Kind: TokenUse.Refresh, Failed: [{ Check: Checks.Used }] });
}
