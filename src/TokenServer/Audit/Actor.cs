namespace TokenServer.Audit;

/// <summary>Who does something, and from where.</summary>
/// <param name="Name">An account id, a client id, <c>command line</c> or <c>schedule</c>.</param>
/// <param name="Address">The caller's address; null where there is none.</param>
/// <param name="ClientId">The client it was done with; null where there is none.</param>
internal sealed record Actor(string Name, string? Address = null, string? ClientId = null)
{
    /// <summary>The role of the machine's own acts: the command line, the schedule, the import. No account can have it.</summary>
    public const string Machine = "(machine)";

    /// <summary>The role that it administers by; null where it does not administer.</summary>
    public string? Role { get; init; }

    /// <summary>Who acts for the machine itself.</summary>
    public static implicit operator Actor(string name) => new(name) { Role = Machine };
}
