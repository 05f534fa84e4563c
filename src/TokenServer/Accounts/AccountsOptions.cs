using System.ComponentModel.DataAnnotations;

namespace TokenServer.Accounts;

/// <summary>Settings <c>Accounts</c> (contract section 8).</summary>
internal sealed class AccountsOptions
{
    /// <summary>Whether the account face says that a user is unknown; it tells a stranger who has an account.</summary>
    public bool RevealUnknownUser { get; set; }

    /// <summary>Wrong passwords, or wrong codes, in a row that lock an account.</summary>
    [Range(1, 1000)]
    public int LockoutFailures { get; set; } = 10;

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LockoutDuration { get; set; } = TimeSpan.FromMinutes(5);
}
