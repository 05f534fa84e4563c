using TokenServer.Storage.Rows;

namespace TokenServer.Audit;

/// <summary>Why something was refused: one word, which an entry of a refusal begins its detail with. The words are the program's; nothing
/// of what was typed is among them (docs/decisions/0039).</summary>
internal static class AuditReason
{
    public const string WrongPassword = "wrong_password", UnknownUser = "unknown_user", Disabled = "disabled", Locked = "locked",
        PasswordChanged = "password_changed", ClientRevoked = "client_revoked", WrongCode = "wrong_code", CodeReplayed = "code_replayed",
        ScopeNotAllowed = "scope_not_allowed", GrantNotAllowed = "grant_not_allowed", InvalidGrant = "invalid_grant",
        TokenReplayed = "token_replayed", WrongPin = "wrong_pin", UnknownClient = "unknown_client", WrongSecret = "wrong_secret",
        WrongMethod = "wrong_method", WrongAssertion = "wrong_assertion", NoCredentials = "no_credentials",
        SecondFactorNotPossible = "second_factor_not_possible", TargetNotAllowed = "target_not_allowed",
        ExpiredSignIn = "invalid_temp_token", WrongProof = "wrong_proof", UnknownPasskey = "unknown_passkey",
        WrongPasskey = "wrong_passkey", CopiedPasskey = "copied_passkey", PasskeyTooLate = "passkey_too_late", NotRecorded = "not_recorded";

    /// <summary>The events that are refusals.</summary>
    public static readonly string[] Events =
    [
        "sign_in.failed", "sign_in.refused", "second_factor.failed", "client_authentication.failed", "grant.refused", "pin.failed",
        "refresh_token.reused", "code.reused", "install.refused",
    ];

    /// <summary>That in SQL, to the letter as the indexes of refusals have it: else no database takes them.</summary>
    public const string Condition = AuditRow.IsRefusal;

    /// <summary>The reason of an entry; null where it is none of a refusal.</summary>
    public static string? Of(string happened, string? detail) => !Events.Contains(happened) ? null : happened switch
    {
        "refresh_token.reused" => TokenReplayed,
        "code.reused" => CodeReplayed,
        "pin.failed" => WrongPin,
        // "step: code", and what the last of many adds after it.
        "install.refused" => detail?.Split(": ", 2) is [_, var code] ? code.Split(';')[0] : NotRecorded,
        _ => detail?.Split(';')[0] ?? NotRecorded,
    };
}
