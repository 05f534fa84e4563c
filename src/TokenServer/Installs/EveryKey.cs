using InstallLifecycle;
using TokenServer.Audit;
using TokenServer.Keys;

namespace TokenServer.Installs;

/// <summary>All keys at once, those that sign tokens and those of the install lifecycle.</summary>
internal sealed class EveryKey(KeyRing keys, Lifecycle lifecycle)
{
    /// <summary>Puts the announced keys to work, announces new ones, retires the old; no token dies.</summary>
    /// <returns>The algorithms whose keys were rotated; another process may have done it for one at the same moment.</returns>
    public async Task<IReadOnlyList<string>> RotateAsync(Actor actor)
    {
        var rotated = new List<string>();
        foreach (string algorithm in KeyRing.Algorithms)
        {
            if (await keys.RotateAsync(algorithm, actor)) rotated.Add(algorithm);
        }
        await lifecycle.RotateKeysAsync(CallerOf(actor));
        return rotated;
    }

    /// <summary>Replaces all keys, which have leaked: every token signed so far, every install code and install token is dead, and receipts
    /// that the leaked keys signed prove nothing any more.</summary>
    public async Task ReplaceAsync(Actor actor)
    {
        // First, while it is known which keys those are.
        await lifecycle.ReplaceKeysAsync(CallerOf(actor));
        await keys.ReplaceAllAsync(actor);
    }

    private static Caller CallerOf(Actor actor) => new(actor.Address ?? "", "", "", actor.Name) { ClientId = actor.ClientId };
}
