using TokenServer.Audit;
using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Keys;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Admin;

/// <summary>A client, as administrators see it: RFC 7591's metadata, our own fields, and its state.
/// <c>client_secret</c> is there in the one answer that shows a new one.</summary>
internal sealed record ClientAnswer(
    string ClientId, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ClientSecret,
    string? ClientName, string[] GrantTypes, string Scope, string[] RedirectUris, string? TokenEndpointAuthMethod, string[] Audiences,
    string AccessTokenFormat, int? AccessTokenLifetime, string IdTokenSignedResponseAlg,
    bool Introspection, bool Public, string Status, string CreatedAt, string? RevokedAt)
{
    public static ClientAnswer Of(Client client, string? secret = null)
    {
        var r = ClientRegistration.Of(client);
        return new(client.ClientId, secret, r.ClientName, r.GrantTypes, r.Scope!, r.RedirectUris,
            r.TokenEndpointAuthMethod, r.Audiences, r.AccessTokenFormat!, r.AccessTokenLifetime,
            r.IdTokenSignedResponseAlg!, r.Introspection, client.IsPublic, client.IsRevoked
                ? "revoked" : "active", Timestamps.Of(client.CreatedAt), Timestamps.Of(client.RevokedAt));
    }
}

/// <summary>A user, as administrators see it.</summary>
internal sealed record UserAnswer(int Id, string Username, string? Email, string? Name, string Role,
    string Status, bool TwoFactorEnabled, string CreatedAt, string? LastLogin, string? DisabledAt)
{
    public static UserAnswer Of(AccountSnapshot a) =>
        new(a.Id, a.UserName, a.Email, a.Name, a.Role, a.DisabledAt is null ? "active" : "disabled", a.HasSecondFactor,
        Timestamps.Of(a.CreatedAt), Timestamps.Of(a.LastLogin), Timestamps.Of(a.DisabledAt));
}

/// <summary>What may be changed of a user.</summary>
internal sealed record UserPatch(string? Email, string? Name, string? Role);

/// <summary>A session.</summary>
internal sealed record SessionAnswer(string Id, int UserId, string? Username,
    string? ClientId, string Scope, string Status, bool Refreshable, string StartedAt)
{
    public static SessionAnswer Of(SessionSummary s) => new(TimeOrderedId.ToText(s.Id), s.AccountId,
        s.UserName, s.ClientId, s.Scopes.ToString(), s.Status, s.IsRefreshable, Timestamps.Of(s.StartedAt));
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

/// <summary>A code, an activation, a server.</summary>
internal sealed record CodeAnswer(long Id, string InstallCodeHint, string Status,
    string IssuedAt, string ExpiresAt, string Address, string? MachineId);
internal sealed record ActivationAnswer(
    string ActivationId, long CodeId, string Status, string Hostname, string PublicIp, string MachineId,
    string RequestedRef, string InstallerVersion, string ActivatedAt, string? EndedAt, string? ServerId);
internal sealed record ServerAnswer(string ServerId, string? ActivationId, string Status, bool Online,
    string Hostname, string PublicIp, string AgentVersion, string RegisteredAt, string? LastCheckinAt, string? RevokedAt);

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

/// <summary>An audit entry.</summary>
internal sealed record AuditAnswer(long Id, string Time, string Event, string? Actor,
    string? Target, string? ClientId, string? Address, string? Detail, string? Previous, string? Hash)
{
    public static AuditAnswer Of(AuditEntry e) => new(e.Id, AuditEntry.Text(e.Said.Time), e.Said.Event,
        e.Said.Actor, e.Said.Target, e.Said.ClientId, e.Said.Address, e.Said.Detail, e.Previous, e.Hash);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ClientRegistration))]
[JsonSerializable(typeof(ClientAnswer))]
[JsonSerializable(typeof(ScopeRegistration))]
[JsonSerializable(typeof(NewAccount))]
[JsonSerializable(typeof(UserPatch))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(RevocationAnswer))]
[JsonSerializable(typeof(TokenBody))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(CodeAnswer))]
[JsonSerializable(typeof(ActivationAnswer))]
[JsonSerializable(typeof(ServerAnswer))]
[JsonSerializable(typeof(KeysAnswer))]
[JsonSerializable(typeof(RotationBody))]
[JsonSerializable(typeof(AuditAnswer))]
internal sealed partial class AdminJson : JsonSerializerContext;
