namespace TokenServer.RevocationFeed;

/// <summary>A row of what was revoked, with whom it concerns (docs/decisions/0037).</summary>
/// <param name="Row">Its number, in the order of the commits.</param>
/// <param name="DeadId">The session, the token, or the client's row.</param>
/// <param name="ExpiresAt">When nothing of it could be alive any more, UTC.</param>
/// <param name="Kind">What it is.</param>
internal sealed record FeedEntry(long Row, long DeadId, DateTime ExpiresAt, FeedKind Kind)
{
    private volatile Tuple<string, string>? written;

    /// <summary>When it happened, UTC.</summary>
    public required DateTime HappenedAt { get; init; }

    /// <summary>Whose session or token it was, or the client that it happened to; null where that is not known.</summary>
    public string? ClientId { get; init; }

    /// <summary>Whom what is dead may have been for; null where that is not known: then everybody is told.</summary>
    public IReadOnlySet<string>? Audiences { get; init; }

    /// <summary>Of a client that may have tokens: everything of its with an id up to this one is dead; null: everything is.</summary>
    public long? ValidAfter { get; init; }

    /// <summary>Whether <paramref name="reader"/> may know it: by the rule of introspection, of a token that it may have been of. Where
    /// nobody knows whom it concerns, all are told, of an id and nothing else: who is not told lets a dead token pass.</summary>
    // What a client of the same name had that was deleted is none of this one's.
    public bool Concerns(FeedReader reader) => Audiences is null
        || reader.Client.MayKnow(isOwn: ClientId == reader.ClientId && DeadId >= reader.Client.Id, Audiences);

    /// <summary>What <paramref name="write"/> made of it for <paramref name="whom"/>, if that was asked for last; many readers are one
    /// client's.</summary>
    public string Written(string whom, Func<string> write)
    {
        if (written is { } last && last.Item1 == whom) return last.Item2;
        string text = write();
        written = Tuple.Create(whom, text);
        return text;
    }
}

/// <summary>What died.</summary>
internal enum FeedKind
{
    Session, Token, Client,
}
