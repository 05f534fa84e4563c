using TokenServer.Accounts;
using TokenServer.Accounts.Explaining;
using TokenServer.Accounts.Passkeys;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Admin.Clients;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Keys;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Admin;

/// <summary>A user, as administrators see it.</summary>
internal sealed record UserAnswer(int Id, string Username, string? Email, string? Name, string Role,
    string Status, bool TwoFactorEnabled, string CreatedAt, string? LastLogin, string? DisabledAt, string? LockedUntil,
    bool EmailVerified, EmailChangeAnswer? EmailChange)
{
    public static UserAnswer Of(AccountSnapshot a, AccountLocks locks, WaitingEmail? waiting) =>
        new(a.Id, a.UserName, a.Email, a.Name, a.Role, a.DisabledAt is null ? "active" : "disabled", a.HasSecondFactor,
        Timestamps.Of(a.CreatedAt), Timestamps.Of(a.LastLogin), Timestamps.Of(a.DisabledAt), Timestamps.Of(locks.EndOf(a)),
        a.EmailConfirmed, EmailChangeAnswer.Of(waiting));
}

/// <summary>The e-mail address that a user wants, which waits to be confirmed.</summary>
internal sealed record EmailChangeAnswer(string Id, string Email, string AskedAt, bool Taken)
{
    public static EmailChangeAnswer? Of(WaitingEmail? c) =>
        c is null ? null : new(c.PublicId, c.Email, Timestamps.Of(c.AskedAt), c.IsTaken);
}

/// <summary>What may be changed of a user.</summary>
internal sealed record UserPatch(string? Email, string? Name, string? Role);

/// <summary>A passkey of a user.</summary>
internal sealed record PasskeyAnswer(string Id, string Name, bool Synced, string CreatedAt, string? LastUsedAt)
{
    public static PasskeyAnswer Of(Passkey p) =>
        new(p.PublicId, p.Name, p.IsSynced, Timestamps.Of(p.CreatedAt), Timestamps.Of(p.LastUsed));
}

/// <summary>A user's passkeys: a list of one page.</summary>
internal sealed record PasskeysAnswer(PasskeyAnswer[] Items, string? NextCursor = null);

/// <summary>An authenticator of a user.</summary>
internal sealed record AuthenticatorAnswer(string Id, string Name, string? CreatedAt, string? LastUsedAt)
{
    public static AuthenticatorAnswer Of(Authenticator a) =>
        new(a.PublicId, a.Name, Timestamps.Of(a.CreatedAt), Timestamps.Of(a.LastUsedAt));
}

/// <summary>A user's authenticators: a list of one page.</summary>
internal sealed record AuthenticatorsAnswer(AuthenticatorAnswer[] Items, string? NextCursor = null);

/// <summary>A session.</summary>
internal sealed record SessionAnswer(string Id, int UserId, string? Username,
    string? ClientId, string? DeviceName, string Scope, string Status, bool Refreshable, string StartedAt, string? Address)
{
    public static SessionAnswer Of(SessionSummary s) => new(TimeOrderedId.ToText(s.Id), s.AccountId,
        s.UserName, s.ClientId, s.DeviceName, s.Scopes.ToString(), s.Status, s.IsRefreshable, Timestamps.Of(s.StartedAt), s.Address);
}

/// <summary>What a revocation ends, or would end.</summary>
internal sealed record RevocationAnswer(bool DryRun, long Sessions, long RefreshTokens, long ApiKeys, long Tunnels, long Servers)
{
    public static RevocationAnswer Of(BlastRadius b, bool dryRun) =>
        new(dryRun, b.Sessions, b.RefreshTokens, b.ApiKeys, b.Tunnels, b.Servers);
}

/// <summary>A token to revoke.</summary>
internal sealed record TokenBody(string? Token);

/// <summary>What was revoked: the token's use, or null where it was none that is alive.</summary>
internal sealed record TokenAnswer(bool Revoked, string? TokenUse);

/// <summary>What a token is: its kind, and each check that it fails, since when and by whose act.</summary>
internal sealed record ExplanationAnswer(string Kind, bool Active, ReasonAnswer[] Reasons, string? Subject, string? ClientId,
    string? Session, string? ExpiresAt)
{
    public static ExplanationAnswer Of(TokenExplanation token) => new(token.Kind, token.IsActive,
        [.. token.Reasons.Select(r => new ReasonAnswer(r.Check, Timestamps.Of(r.Since), r.By))], token.Facts.Subject, token.Facts.ClientId,
        token.Facts.SessionId is { } session ? TimeOrderedId.ToText(session) : null, Timestamps.Of(token.Facts.ExpiresAt));
}

/// <summary>A check that a token fails.</summary>
internal sealed record ReasonAnswer(string Check, string? Since, string? By);

/// <summary>A code, an activation, a server.</summary>
internal sealed record CodeAnswer(long Id, string InstallCodeHint, string Status,
    string IssuedAt, string ExpiresAt, string Address, string? MachineId, string? Hostname);
internal sealed record ActivationAnswer(
    string ActivationId, long CodeId, string Status, string Hostname, string PublicIp, string MachineId,
    string RequestedRef, string InstallerVersion, string ActivatedAt, string? EndedAt, string? ServerId,
    bool HostKeyProven, string? ReleaseReason);
internal sealed record ServerAnswer(string ServerId, string? ActivationId, string Status, bool Online,
    string Hostname, string PublicIp, string AgentVersion, string RegisteredAt, string? LastCheckinAt, string? RevokedAt,
    bool HostKeyProven, bool Ratchet, string? CloneSuspectedAt, string? RekeyAllowedAt);

/// <summary>Which of two goes on: <c>rekey</c> or <c>revoke</c>; and what was done.</summary>
internal sealed record ResolutionBody(string? Action);
internal sealed record ResolutionAnswer(string ServerId, string Action);

/// <summary>A receipt of an install.</summary>
internal sealed record ReceiptAnswer(string ActivationId, string Receipt);

/// <summary>A signing key.</summary>
internal sealed record KeyAnswer(string Kid, string Alg, string Status, string CreatedAt, string? ActivatedAt, string? RetiredAt)
{
    public static KeyAnswer Of(RingKey key) =>
        new(key.Key.KeyId, key.Key.Algorithm, key.Phase.ToString().ToLowerInvariant(),
            Timestamps.Of(key.CreatedAt), Timestamps.Of(key.ActivatedAt), Timestamps.Of(key.RetiredAt));
}

/// <summary>The signing keys: a list of one page.</summary>
internal sealed record KeysAnswer(KeyAnswer[] Items, string? NextCursor = null);

/// <summary>How to rotate: all keys replaced where they have leaked.</summary>
internal sealed record RotationBody(bool Compromised = false);

/// <summary>How to rotate a client's secret: seconds that the old one is taken too.</summary>
internal sealed record NewSecretBody(long KeepOldFor = 0);

/// <summary>An audit entry.</summary>
internal sealed record AuditAnswer(long Id, string Time, string Event, string? Actor,
    string? Target, string? ClientId, string? Address, string? Detail, string? Previous, string? Hash, string? Reason)
{
    public static AuditAnswer Of(AuditEntry e) => new(e.Id, AuditEntry.Text(e.Said.Time), e.Said.Event,
        e.Said.Actor, e.Said.Target, e.Said.ClientId, e.Said.Address, e.Said.Detail, e.Previous, e.Hash,
        AuditReason.Of(e.Said.Event, e.Said.Detail));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ClientRegistration))]
[JsonSerializable(typeof(ClientAnswer))]
[JsonSerializable(typeof(NewSecretBody))]
[JsonSerializable(typeof(ScopeRegistration))]
[JsonSerializable(typeof(NewAccount))]
[JsonSerializable(typeof(UserPatch))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(PasskeysAnswer))]
[JsonSerializable(typeof(AuthenticatorsAnswer))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(RevocationAnswer))]
[JsonSerializable(typeof(TokenBody))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(ExplanationAnswer))]
[JsonSerializable(typeof(CodeAnswer))]
[JsonSerializable(typeof(ActivationAnswer))]
[JsonSerializable(typeof(ServerAnswer))]
[JsonSerializable(typeof(ResolutionBody))]
[JsonSerializable(typeof(ResolutionAnswer))]
[JsonSerializable(typeof(ReceiptAnswer))]
[JsonSerializable(typeof(KeysAnswer))]
[JsonSerializable(typeof(RotationBody))]
[JsonSerializable(typeof(AuditAnswer))]
internal sealed partial class AdminJson : JsonSerializerContext;
