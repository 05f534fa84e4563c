using TokenServer.Audit;

namespace TokenServer.Tokens;

/// <summary>A kind of token that ends by more than its session or its own id: what holds it is deleted.</summary>
internal interface IRevocableKind : ITokenKind
{
    /// <summary>Ends what <paramref name="text"/> stands for, also while its account is disabled; its use,
    /// or null where it is none.</summary>
    Task<string?> RevokeAsync(string text, Actor actor);
}

/// <summary>A kind of token that this server gives out.</summary>
internal interface ITokenKind
{
    /// <summary>Whether a text looks like one, by its prefix or form.</summary>
    bool Recognizes(string text);

    /// <summary>The token, if it is good now: ours, in its time, not revoked; null otherwise.</summary>
    ValueTask<KnownToken?> FindAsync(string text);

    /// <summary>The same, for somebody who only looks: it is no use of the token.</summary>
    ValueTask<KnownToken?> PeekAsync(string text) => FindAsync(text);
}
