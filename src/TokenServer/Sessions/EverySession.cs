using TokenServer.Audit;
using TokenServer.Keys;

namespace TokenServer.Sessions;

/// <summary>The sessions of everybody, those too that the database has forgotten because it went back to an earlier state.</summary>
internal sealed class EverySession(UserSessions sessions, KeyRing keys)
{
    /// <summary>Ends them; every access token issued before now is dead.</summary>
    /// <returns>How many the database knew.</returns>
    public async Task<int> EndAsync(Actor actor)
    {
        int ended = await sessions.EndEveryAsync(actor);
        // A forgotten session's access tokens are good by their signature alone: new keys end those.
        await keys.ReplaceAllAsync(actor);
        return ended;
    }
}
