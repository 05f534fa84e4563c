using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.RevocationFeed;

namespace TokenServer.Connect.Events;

/// <summary>What polls and streams of the feed have in common: where a reader goes on, what it finds there, and in which words it is
/// told.</summary>
internal sealed class FeedPlace(FeedTail tail, FeedCursors cursors, EventTokens tokens, FeedKeys keys, Issuer issuer, FeedClock clock)
{
    /// <inheritdoc cref="FeedTail.Era"/>
    public long Era => tail.Era;

    /// <inheritdoc cref="FeedKeys.Mark"/>
    public string Keys => keys.Mark;

    /// <summary>Where a reader goes on that shows <paramref name="cursor"/>.</summary>
    public async ValueTask<FeedStart> ResumeAsync(string cursor, FeedReader reader, CancellationToken ct) =>
        await cursors.ResumeAsync(cursor, reader, ct) is null ? new(FeedCursors.Beginning, true) : new(cursor, false);

    /// <inheritdoc cref="FeedLook.AfterAsync"/>
    public ValueTask<FeedLook> LookAsync(FeedReader reader, long row, int most, CancellationToken ct) =>
        FeedLook.AfterAsync(tail, reader, row, most, clock.Now, ct);

    /// <inheritdoc cref="EventTokens.Make"/>
    public string Write(FeedEntry entry, FeedReader reader, HttpRequest request) => tokens.Make(entry, reader, issuer.Of(request));
}

/// <summary>Where a reader goes on.</summary>
/// <param name="Cursor">After what.</param>
/// <param name="IsAnew">Whether that is the beginning, since what it showed is not known any more.</param>
internal readonly record struct FeedStart(string Cursor, bool IsAnew);

/// <summary>The times of the feed: its settings, now, and the end of the server.</summary>
internal sealed class FeedClock(RevocationFeedOptions options, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    public RevocationFeedOptions Options => options;
    public DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>The server was told to stop.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;
}

/// <summary>Who reads the feed: let in, looked at again while it waits, and seen.</summary>
internal sealed class FeedDoor(ReaderAuthentication authentication, ClientRegistry clients, FeedReaders readers, FeedClock clock)
{
    /// <inheritdoc cref="ReaderAuthentication.AuthenticateAsync"/>
    /// <param name="http">The request.</param>
    /// <param name="shown">What its body shows beside the header.</param>
    /// <param name="name">What the reader calls itself.</param>
    /// <param name="way">How it reads.</param>
    public async Task<(FeedReader? Reader, OAuthError? Refusal)> EnterAsync(
        HttpContext http, OpenIddict.Abstractions.OpenIddictRequest shown, string name, string way)
    {
        var (client, proof, refusal) = await authentication.AuthenticateAsync(http, shown);
        if (client is null) return (null, refusal);
        var reader = new FeedReader(client, name, proof!);
        return readers.Enter(reader, way) is not { } wait ? (reader, null) : (null, TooMany(wait));
    }

    /// <summary>What is answered to a reader whose client has too many.</summary>
    public OAuthError TooMany(TimeSpan wait) => OAuthError.SlowDown(wait) with
    {
        Description = $"the client has {readers.MostOfClient} readers of other names, and all of them read now",
    };

    /// <summary>Whether a reader that was let in may be told what it waited for; asked after that is known, before it is said.</summary>
    public bool IsOpenFor(FeedReader reader) => reader.MayGoOn(clients.Find(reader.ClientId), clock.Now);

    /// <summary>The same reader as a new request would find it now, or what that would be answered.</summary>
    public (FeedReader? Reader, OAuthError? Refusal) Again(FeedReader reader)
    {
        var client = clients.Find(reader.ClientId);
        if (!reader.IsProved(client, clock.Now)) return (null, OAuthError.InvalidClient(reader.UsedBasic));
        return client!.MayIntrospect ? (reader.As(client), null) : (null, ReaderAuthentication.NotForIt());
    }

    /// <inheritdoc cref="FeedReaders.Seen"/>
    public void Seen(FeedReader reader, string way, bool isCurrent) => readers.Seen(reader, way, isCurrent);
}
