namespace InstallLifecycle.Watching;

/// <summary>The place of one open stream among <see cref="Places"/>; it is free again when it is disposed of.</summary>
public sealed class Place : IDisposable
{
    private readonly SemaphoreSlim told = new(0, 1);
    private readonly Action<Place> leave;
    private int left;

    internal Place(string owner, string group, Action<Place> leave) => (Owner, Group, this.leave) = (owner, group, leave);

    /// <summary>Whose stream it is: one may have few.</summary>
    public string Owner { get; }

    /// <summary>Where it counts besides.</summary>
    public string Group { get; }

    /// <summary>Says that there may be something new; that it was said before and not heard yet is enough.</summary>
    public void Wake()
    {
        lock (told)
            if (told.CurrentCount == 0) told.Release();
    }

    /// <summary>Waits until it is woken; false where <paramref name="patience"/> came to its end first.</summary>
    public Task<bool> WaitAsync(TimeSpan patience, CancellationToken ct) => told.WaitAsync(patience, ct);

    /// <summary>Leaves it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref left, 1) == 0) leave(this);
    }
}
