namespace InstallLifecycle.Watching;

/// <summary>Places for streams that stay open on this process: so many in all, for one owner, and for one group; those who have one are
/// woken when there is something new.</summary>
/// <param name="most">How many there are.</param>
/// <param name="mostOfOwner">How many one owner may have.</param>
/// <param name="mostOfGroup">How many may be of one group.</param>
public sealed class Places(Func<int> most, Func<int> mostOfOwner, Func<int> mostOfGroup)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, HashSet<Place>> ofOwner = [];
    private readonly Dictionary<string, int> ofGroup = [];
    private volatile int count;

    /// <summary>How many are taken.</summary>
    public int Count => count;

    /// <summary>Takes a place.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="group">Where it counts besides.</param>
    /// <param name="isFirst">Told whether nobody had one.</param>
    /// <returns>The place; or none, and whether it is the owner or the group that has too many, else there are too many of all.</returns>
    public (Place? Place, bool IsTheirs) Enter(string owner, string group, Action? isFirst = null)
    {
        lock (gate)
        {
            if (count >= most()) return (null, false);
            if (ofOwner.GetValueOrDefault(owner)?.Count >= mostOfOwner() || ofGroup.GetValueOrDefault(group) >= mostOfGroup())
                return (null, true);
            var place = new Place(owner, group, Leave);
            if (!ofOwner.TryGetValue(owner, out var all)) ofOwner[owner] = all = [];
            all.Add(place);
            ofGroup[group] = ofGroup.GetValueOrDefault(group) + 1;
            if (count++ == 0) isFirst?.Invoke();
            return (place, false);
        }
    }

    /// <summary>Wakes the places of <paramref name="owners"/>; all where it is null.</summary>
    public void Wake(IEnumerable<string>? owners = null)
    {
        lock (gate)
        {
            var woken = owners is null ? ofOwner.Values.SelectMany(p => p)
                : owners.SelectMany(o => ofOwner.GetValueOrDefault(o) ?? []);
            foreach (var place in woken) place.Wake();
        }
    }

    private void Leave(Place place)
    {
        lock (gate)
        {
            var all = ofOwner[place.Owner];
            all.Remove(place);
            if (all.Count == 0) ofOwner.Remove(place.Owner);
            if (--ofGroup[place.Group] == 0) ofGroup.Remove(place.Group);
            count--;
        }
    }
}
