namespace TokenServer.Accounts.Explaining;

/// <summary>What is known of a text that this server may have given out, whether or not it is good now (contract section 6).</summary>
/// <param name="Kind">What it is: a word of <see cref="Tokens.TokenKinds"/>, or of introspection's <c>token_use</c>.</param>
internal sealed record TokenFacts(string Kind)
{
    /// <summary>Whether introspection knows this kind: then the same lookup says whether it is good.</summary>
    public bool IsLookedUp { get; init; }
    public string? Subject { get; init; }
    public string? ClientId { get; init; }
    public long? SessionId { get; init; }
    public DateTime? IssuedAt { get; init; }
    public DateTime? ExpiresAt { get; init; }

    /// <summary>The account that it stands for; null where it stands for none.</summary>
    public int? AccountId { get; init; }

    /// <summary>The checks that it fails.</summary>
    public List<FailedCheck> Failed { get; } = [];

    /// <summary>These facts, with a check that fails.</summary>
    public TokenFacts Fails(string check, DateTime? since = null, string? by = null)
    {
        if (Failed.TrueForAll(f => f.Check != check)) Failed.Add(new(check, since, by));
        return this;
    }
}

/// <summary>A check that a token fails.</summary>
/// <param name="Check">Which: a word of <see cref="Checks"/>.</param>
/// <param name="Since">Since when, UTC; null where that is not known.</param>
/// <param name="By">By whose act, as the audit trail names who does something; null where it is nobody's, or not known.</param>
internal sealed record FailedCheck(string Check, DateTime? Since = null, string? By = null);

/// <summary>The checks that a token may fail; docs/operations.md says each in a sentence.</summary>
internal static class Checks
{
    public const string Unknown = "unknown", NotFound = "not_found", Signature = "signature", SigningKey = "signing_key",
        Issuer = "issuer", Expired = "expired", NotYet = "not_yet", Used = "used", Revoked = "revoked", Denied = "denied",
        OriginRevoked = "origin_revoked", SessionEnded = "session_ended", SignInEnded = "sign_in_ended",
        ClientRevoked = "client_revoked", ClientDeleted = "client_deleted", AccountDisabled = "account_disabled",
        AccountDeleted = "account_deleted", AccountChanged = "account_changed", PinChanged = "pin_changed", Released = "released",
        Refused = "refused";
}
