using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>What became of the use of a refresh token.</summary>
internal abstract record Rotation
{
    /// <summary>It rotated: <paramref name="Value"/> is its successor, the same one for every use inside the leeway.</summary>
    internal sealed record Next(Session Session, string Value) : Rotation;

    /// <summary>It was used before; the session has ended.</summary>
    internal sealed record Reused(long SessionId) : Rotation;

    /// <summary>More scopes were asked for than the session has; the token is as it was.</summary>
    internal sealed record TooWide : Rotation;

    /// <summary>It is bound to a key that the client has not proved; it is as it was.</summary>
    internal sealed record WrongKey : Rotation;

    /// <summary>It is unknown, expired, another client's, or its session has ended.</summary>
    internal sealed record Invalid : Rotation;
}
