using TokenServer.Clients;

namespace TokenServer.Tokens;

/// <summary>Decides about the exchange of one access token for another (RFC 8693, contract section 9): which may be less, for other
/// audiences that the client's registration lists, and never more.</summary>
internal sealed class TokenExchange(TokenLookup tokens)
{
    /// <summary>How many may have acted one after the other, and how often a token may be exchanged again.</summary>
    public const int Most = 8;

    /// <summary>What <paramref name="client"/> gets for a token.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="subjectToken">What it shows.</param>
    /// <param name="actorToken">The token of who is to act; null where that is nobody else.</param>
    /// <param name="scopes">What is asked for, which the client may have; null where nothing is named.</param>
    /// <param name="audiences">For whom; empty where nobody is named.</param>
    /// <param name="provedKey">The key that the client has proved; null where it has proved none.</param>
    /// <exception cref="Storage.StorageUnavailableException">It is not known whether the tokens are good.</exception>
    public async ValueTask<ExchangeResult> DecideAsync(
        Client client, string subjectToken, string? actorToken, ScopeSet? scopes, string[] audiences,
        string? provedKey)
    {
        if (await FindAsync(subjectToken) is not { } subject) return new ExchangeResult.BadSubject();
        var actor = actorToken is null ? null : await FindAsync(actorToken);
        if (actor is null && actorToken is not null) return new ExchangeResult.BadActor();
        if (!IsProved(subject, client, provedKey) || actor is not null && !IsProved(actor, client, provedKey))
            return new ExchangeResult.NotProved();
        if (!audiences.All(client.ExchangeAudiences.Contains)) return new ExchangeResult.WrongTarget();
        // What was narrowed to an audience once does not widen to those of its scopes.
        if (audiences.Length == 0 && subject.Exchanged is not null) audiences = [.. subject.Audiences];
        var had = ScopeSet.Parse(subject.Scope);
        // Neither goes with a session's tokens to others: the one is for its own client, the other for this server.
        if (scopes is not null && (!scopes.IsSubsetOf(had) || scopes.Contains(ScopeSet.OfflineAccess) || scopes.Contains(ScopeSet.Admin)))
            return new ExchangeResult.TooWide();
        if (subject.Exchanged?.TokenIds.Length >= Most || actor is not null && DepthOf(subject.Actor) >= Most)
            return new ExchangeResult.TooLong();
        return new ExchangeResult.Granted(subject, scopes ?? had.Intersect(client.DefaultScopes), audiences,
            actor is null ? subject.Actor : Name(actor, subject.Actor));
    }

    // Another kind of token stands for what it is alone.
    private async ValueTask<KnownToken?> FindAsync(string text) =>
        await tokens.FindAsync(text) is { Use: TokenUse.Access, Id: not null, Client: not null } token ? token : null;

    // What is bound to a key never becomes what anybody may show. Whoever got a token has to prove its key; a confidential client that
    // it was meant for, and that was shown it by another, has to prove one of its own, which the new token is bound to then.
    private static bool IsProved(KnownToken token, Client client, string? provedKey) => token.KeyThumbprint is not { } key
        || provedKey == key
        || provedKey is not null && !client.IsPublic && token.Client!.Id != client.Id && client.Audiences.Overlaps(token.Audiences);

    private static string Name(KnownToken actor, string? before)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("sub"u8, actor.Subject);
            if (before is not null)
            {
                json.WritePropertyName("act"u8);
                json.WriteRawValue(before);
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static int DepthOf(string? actor)
    {
        if (actor is null) return 0;
        using var document = JsonDocument.Parse(actor);
        int depth = 1;
        for (var at = document.RootElement; at.TryGetProperty("act"u8, out at); depth++)
        {
        }
        return depth;
    }
}

/// <summary>What became of an exchange.</summary>
internal abstract record ExchangeResult
{
    /// <summary>A token is to be issued.</summary>
    /// <param name="Subject">The token that was shown.</param>
    /// <param name="Scopes">What the new one may.</param>
    /// <param name="Audiences">Whom it is for; empty: whom its scopes are for.</param>
    /// <param name="Actor">Its <c>act</c> as JSON; null where it has none.</param>
    internal sealed record Granted(KnownToken Subject, ScopeSet Scopes, string[] Audiences, string? Actor) : ExchangeResult
    {
        /// <summary>What the new token came from.</summary>
        public ExchangedFor Exchanged { get; } = Subject.Exchanged is { } before
            ? before with { TokenIds = [.. before.TokenIds, Subject.Id!.Value] } : new(Subject.Client!.ClientId, [Subject.Id!.Value]);
    }

    /// <summary>The token that was shown is no access token that is good.</summary>
    internal sealed record BadSubject : ExchangeResult;

    /// <summary>The actor's is not.</summary>
    internal sealed record BadActor : ExchangeResult;

    /// <summary>A token is bound to a key that was not proved (RFC 9449).</summary>
    internal sealed record NotProved : ExchangeResult;

    /// <summary>An audience is none of the client's registration.</summary>
    internal sealed record WrongTarget : ExchangeResult;

    /// <summary>A scope is none of the token that was shown, or none that can be handed on.</summary>
    internal sealed record TooWide : ExchangeResult;

    /// <summary>It was exchanged too often.</summary>
    internal sealed record TooLong : ExchangeResult;
}
