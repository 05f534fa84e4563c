using System.Collections.Frozen;
using TokenServer.Audit;

namespace TokenServer.Web.Console.Audit;

/// <summary>Why something was refused, in words; a reason that has none is said as it is.</summary>
internal static class ReasonWords
{
    private static readonly FrozenDictionary<string, string> words = new Dictionary<string, string>
    {
        [AuditReason.WrongPassword] = "Wrong password", [AuditReason.UnknownUser] = "No such user",
        [AuditReason.Disabled] = "The account is disabled", [AuditReason.Locked] = "Locked after too many failures",
        [AuditReason.PasswordChanged] = "The password was changed meanwhile", [AuditReason.ClientRevoked] = "The client is revoked",
        [AuditReason.WrongCode] = "Wrong code", [AuditReason.CodeReplayed] = "A code was used a second time",
        [AuditReason.ScopeNotAllowed] = "A scope that is not allowed", [AuditReason.GrantNotAllowed] = "A grant that is not allowed",
        [AuditReason.InvalidGrant] = "A code or token that is not valid",
        [AuditReason.TokenReplayed] = "A refresh token was used a second time",
        [AuditReason.WrongPin] = "Wrong PIN", [AuditReason.UnknownClient] = "No such client",
        [AuditReason.WrongSecret] = "Wrong client secret",
        [AuditReason.WrongMethod] = "Another method of authentication than is registered",
        [AuditReason.WrongAssertion] = "A client assertion that is not valid", [AuditReason.NoCredentials] = "No client credentials",
        [AuditReason.SecondFactorNotPossible] = "A second factor is due that the client may not ask for",
        [AuditReason.TargetNotAllowed] = "An audience that is not allowed", [AuditReason.ExpiredSignIn] = "The sign-in had run out",
        [AuditReason.UnknownPasskey] = "No such passkey", [AuditReason.WrongPasskey] = "A passkey that was not shown as asked",
        [AuditReason.CopiedPasskey] = "A passkey that may have been copied",
        [AuditReason.PasskeyTooLate] = "A passkey was shown too late, or twice",
        [AuditReason.WrongProof] = "A proof of possession that is not valid", [AuditReason.NotRecorded] = "The reason was not recorded",
    }.ToFrozenDictionary();

    /// <summary>The words for a reason.</summary>
    public static string Of(string reason) => words.TryGetValue(reason, out string? found) ? found
        : char.ToUpperInvariant(reason[0]) + reason[1..].Replace('_', ' ');

    /// <summary>The words for why an entry tells of a refusal; null where it tells of none.</summary>
    public static string? Of(AuditEvent said) => AuditReason.Of(said.Event, said.Detail) is { Length: > 0 } reason ? Of(reason) : null;
}
