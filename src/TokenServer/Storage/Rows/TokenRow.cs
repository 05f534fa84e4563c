using OpenIddict.EntityFrameworkCore.Models;

namespace TokenServer.Storage.Rows;

/// <summary>A row of OpenIddictTokens: a refresh token, an opaque access token or a temp token, found by its id and with the secret's
/// SHA-256 as <c>Payload</c>; or an entry of OpenIddict's own (a code, a device code, a pushed request).</summary>
internal sealed class TokenRow : OpenIddictEntityFrameworkCoreToken<long, ApplicationRow, AuthorizationRow>
{
    /// <summary>The column behind <see cref="OpenIddictEntityFrameworkCoreToken{TKey,TApplication,TAuthorization}.Application"/>; its row
    /// may be gone.</summary>
    public long? ApplicationId { get; set; }

    /// <summary>The column behind <see cref="OpenIddictEntityFrameworkCoreToken{TKey,TApplication,TAuthorization}.Authorization"/>; its row
    /// may be gone.</summary>
    public long? AuthorizationId { get; set; }
}
