namespace TokenServer.Audit;

/// <summary>What an audit entry says. No secret, and nothing a stranger typed, is ever part of it.</summary>
/// <param name="Event">The kind, for example <c>refresh_token.reused</c>.</param>
/// <param name="Time">When, UTC.</param>
internal sealed record AuditEvent(string Event, DateTime Time)
{
    /// <summary>What <paramref name="actor"/> did.</summary>
    public AuditEvent(string happened, DateTime time, Actor actor) : this(happened, time) =>
        (Actor, Address, ClientId) = (actor.Name, actor.Address, actor.ClientId);

    /// <summary>Who did it: an account id, a client id, <c>command line</c> or <c>schedule</c>.</summary>
    public string? Actor { get; init; }

    /// <summary>To which account, client, session or key.</summary>
    public string? Target { get; init; }

    /// <summary>Which client it is about: the one it was done to, else the one it was done with.</summary>
    public string? ClientId { get; init; }
    public string? Address { get; init; }
    public string? Detail { get; init; }
}
