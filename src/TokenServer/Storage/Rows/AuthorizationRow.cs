using OpenIddict.EntityFrameworkCore.Models;

namespace TokenServer.Storage.Rows;

/// <summary>A row of OpenIddictAuthorizations: a session.</summary>
internal sealed class AuthorizationRow : OpenIddictEntityFrameworkCoreAuthorization<long, ApplicationRow, TokenRow>
{
    /// <summary>The column behind <see cref="OpenIddictEntityFrameworkCoreAuthorization{TKey,TApplication,TToken}.Application"/>; its row
    /// may be gone.</summary>
    public long? ApplicationId { get; set; }
}
