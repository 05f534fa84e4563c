using System.Collections.Frozen;

namespace TokenServer.Audit;

/// <summary>The events of the trail, in groups that people look for; a test holds that each event has one.</summary>
internal static class AuditGroups
{
    /// <summary>The group of what was refused; its events have the reason as their detail.</summary>
    public const string Refusals = "refusals";

    /// <summary>Each group with its events. An event may be in two.</summary>
    public static readonly IReadOnlyList<(string Name, string[] Events)> All =
    [
        (Refusals, [.. AuditReason.Events]),
        ("sign-ins", ["session.started", "sign_in.failed", "sign_in.refused", "second_factor.failed", "second_factor.locked",
            "account.locked", "account.unlocked", "pin.failed", "device.allowed", "device.denied", "consent.allowed", "consent.denied"]),
        ("sessions", ["session.started", "session.ended", "account.sessions_ended", "client.sessions_ended",
            "session.others_ended", "session.all_ended", "session.revoked",
            "refresh_token.reused", "code.reused", "consent.withdrawn", "token.exchanged", "token.revoked", "logout.failed"]),
        ("users", ["account.added", "account.changed", "account.deleted", "account.disabled", "account.enabled", "account.locked",
            "account.unlocked", "account.password_changed", "account.password_set",
            "email_change.asked", "email_change.withdrawn", "email_change.confirmed", "email_change.refused", "email_change.superseded",
            "second_factor.enabled", "second_factor.disabled", "second_factor.removed", "second_factor.locked",
            "authenticator.added", "authenticator.removed", "recovery_codes.replaced", "passkey.added", "passkey.removed",
            "passkey.counter_went_back", "api_key.added", "api_key.deleted", "tunnel.added", "tunnel.deleted",
            "tunnel.regenerated", "tunnel.token_revoked"]),
        ("clients", ["client.added", "client.changed", "client.deleted", "client.restored", "client.revoked", "client.secret_rotated",
            "client.old_secret_ended",
            "client_authentication.failed", "grant.refused", "scope.added", "scope.changed", "scope.deleted"]),
        ("installs", ["install_code.issued", "install_code.prechecked", "install_code.expired", "install_code.revoked",
            "activation.activated", "activation.confirmed", "activation.repeated", "activation.released", "activation.expired",
            "activation.revoked", "install.refused"]),
        ("servers", ["server.registered", "server.rekeyed", "server.token_replaced", "server.revoked", "server.clone_suspected",
            "server.clone_resolved"]),
        ("keys", ["key.rotated", "key.all_replaced", "install_key.rotated", "install_key.all_replaced", "pin.set"]),
        ("upkeep", ["import.applied", "backup.made", "backup.restored", "database.transferred"]),
    ];

    private static readonly FrozenDictionary<string, string[]> byName = All.ToFrozenDictionary(g => g.Name, g => g.Events);

    /// <summary>The names of all groups.</summary>
    public static readonly string[] Names = [.. All.Select(g => g.Name)];

    /// <summary>Every event, once.</summary>
    public static readonly string[] Events = [.. All.SelectMany(g => g.Events).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The events of a group; null where there is no such group.</summary>
    public static string[]? Of(string group) => byName.GetValueOrDefault(group);
}
