namespace TokenServer.Accounts;

/// <summary>Settings <c>Admin</c> (contract section 6).</summary>
internal sealed class AdminOptions
{
    /// <summary>Whether a person's session administers by the API only if it was made with a second factor; null: unless in Development.
    /// A client's own token is no person's.</summary>
    public bool? RequireSecondFactor { get; set; }
}
