using System.ComponentModel.DataAnnotations;

namespace TokenServer.Accounts.Passkeys;

/// <summary>Settings <c>Passkeys</c> (contract section 9).</summary>
internal sealed class PasskeysOptions
{
    /// <summary>The domain that passkeys are for: the issuer's host, or a parent of it, whose other hosts may use them too; null: the
    /// issuer's host.</summary>
    [RegularExpression(@"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
        ErrorMessage = "must be a domain in lower case, as login.example.com, without scheme and port")]
    public string? RelyingPartyId { get; set; }
}
