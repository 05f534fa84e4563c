using InstallLifecycle.Watching;
using TokenServer.Keys;
using TokenServer.Tokens;

namespace TokenServer.RevocationFeed;

/// <summary>Who waits on this replica for something to be revoked or for other keys, streams and held polls; so many of all and of a
/// client. Nobody is woken while nobody waits.</summary>
internal sealed class FeedListeners
{
    private readonly Places places;
    private int isDue;

    public FeedListeners(RevocationIndex index, KeyRing keys, RevocationFeedOptions options)
    {
        places = new(() => options.Listeners, () => options.ListenersPerClient, () => int.MaxValue);
        index.Grew += Hear;
        keys.Changed += Hear;
    }

    public int Count => places.Count;

    /// <summary>A place; none where there are too many, and whether they are the client's own.</summary>
    public (Place? Place, bool IsTheirs) Enter(FeedReader reader) => places.Enter(reader.ClientId, "");

    // Who says it must not wait for a thousand to wake.
    private void Hear()
    {
        if (places.Count > 0 && Interlocked.Exchange(ref isDue, 1) == 0) _ = Task.Run(Wake);
    }

    private void Wake()
    {
        Volatile.Write(ref isDue, 0);
        places.Wake();
    }
}
