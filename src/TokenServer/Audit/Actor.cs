namespace TokenServer.Audit;

/// <summary>Who does something, and from where.</summary>
/// <param name="Name">An account id, a client id, <c>command line</c> or <c>schedule</c>.</param>
/// <param name="Address">The caller's address; null where there is none.</param>
internal sealed record Actor(string Name, string? Address = null)
{
    public static implicit operator Actor(string name) => new(name);
}
