using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Servers;

/// <summary>Servers say that they are there, and what has changed of them. The hot path: one prepared query and one prepared statement,
/// whose conditions are what the query has read.</summary>
internal sealed class CheckIns(IInstallStorage storage, InstallServers servers, TimeProvider clock)
{
    // Each try that comes to nothing is one that another request has won.
    private const int MostTries = 16;

    /// <summary>Notes that <paramref name="server"/> is there.</summary>
    /// <param name="server">The server, as its token was found to be.</param>
    /// <param name="token">That token.</param>
    /// <param name="said">What it says.</param>
    /// <param name="caller">Who asks.</param>
    public async Task<CheckIn> CheckInAsync(ServerRow server, string token, CheckinRequest said, Caller caller)
    {
        var found = server;
        for (int i = 0; i < MostTries; i++)
        {
            var ratchet = Ratchet.Of(found, said.Key, said.Nonce);
            if (ratchet.Step == RatchetStep.KeyMissing)
                return new(InstallError.InvalidRequest("The field 'checkin_key' is required."));
            if (ratchet.Step == RatchetStep.Suspected
                || ratchet.Step == RatchetStep.Suspects && await servers.SuspectAsync(found, caller))
                return new(ServerError.CloneSuspected);
            if (ratchet.Step == RatchetStep.Passes && await PassAsync(found, ratchet, said)) return new(ratchet.Next);
            // Who was told good a moment ago and is not any more is looked at again.
            if (servers.Find(token) is not { } again) return new(ServerError.InvalidToken);
            if (again.RevokedAt is not null) return new(ServerError.ServerRevoked);
            found = again;
        }
        return new(InstallError.Unavailable);
    }

    private async Task<bool> PassAsync(ServerRow server, Ratchet ratchet, CheckinRequest said) => await storage.ChangeAsync(
        StoredServers.CheckInSql, clock.GetUtcNow().UtcDateTime, said.Hostname, said.PublicIp, said.AgentVersion,
        ratchet.KeyHash, ratchet.UsedHash, ratchet.Salt, ratchet.NonceHash, server.Id, server.TokenHash, server.CheckinKeyHash ?? "") == 1;
}

/// <summary>What a check-in came to: the key for the next, if the server has a ratchet, or why it was refused.</summary>
internal sealed record CheckIn(string? Next, InstallError? Error)
{
    public CheckIn(string? next) : this(next, null)
    {
    }

    public CheckIn(InstallError error) : this(null, error)
    {
    }
}
