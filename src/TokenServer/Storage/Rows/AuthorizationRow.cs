using OpenIddict.EntityFrameworkCore.Models;

namespace TokenServer.Storage.Rows;

/// <summary>A row of OpenIddictAuthorizations: a session.</summary>
internal sealed class AuthorizationRow : OpenIddictEntityFrameworkCoreAuthorization<long, ApplicationRow, TokenRow>
{
    /// <summary>The column behind <see cref="OpenIddictEntityFrameworkCoreAuthorization{TKey,TApplication,TToken}.Application"/>; its row
    /// may be gone.</summary>
    public long? ApplicationId { get; set; }

    /// <summary>The session of the browser's sign-in that this one was begun from; null for one that an account began by itself.</summary>
    public long? SignInId { get; set; }

    /// <summary>The address that it was begun from; null where none is known.</summary>
    public string? Address { get; set; }
}
