using Microsoft.AspNetCore.Identity;

namespace TokenServer.Storage.Rows;

/// <summary>An account: ASP.NET Core Identity's user, with what the faces show of it and the state of its second factor.</summary>
internal sealed class Account : IdentityUser<int>
{
    /// <summary>Full name, shown as <c>name</c>.</summary>
    public string? Name { get; set; }

    /// <summary>The name as it is searched (<see cref="NamePart.Fold"/>).</summary>
    public string? NormalizedName { get; set; }

    /// <summary><c>admin</c>, <c>auditor</c>, <c>helpdesk</c>, <c>user</c>, or a word that has a meaning elsewhere.</summary>
    public string Role { get; set; } = "user";

    public DateTime CreatedAt { get; set; }
    public DateTime? LastLogin { get; set; }

    /// <summary>When the account was disabled; null while it may be used.</summary>
    public DateTime? DisabledAt { get; set; }

    public int TwoFactorFailedCount { get; set; }
    public DateTime? TwoFactorLockoutEnd { get; set; }
}
