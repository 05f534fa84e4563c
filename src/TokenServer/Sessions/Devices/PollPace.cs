using TokenServer.Storage;

namespace TokenServer.Sessions.Devices;

/// <summary>Port: how fast the devices that wait may poll (RFC 8628 section 3.5). Whoever comes before its interval has passed has to wait
/// longer from then on.</summary>
internal interface IPollPace
{
    /// <summary>Counts a poll of device code <paramref name="id"/>; false where it came too early.</summary>
    ValueTask<bool> TakeAsync(long id);
}

/// <summary>How the pace is kept, wherever that is.</summary>
internal static class Pace
{
    /// <summary>So much earlier a poll may come: the network delays one more than the next, and the clocks of replicas differ.</summary>
    private static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether a poll is in its pace; a moment that a clock ahead of ours has stamped holds nobody up.</summary>
    public static bool Keeps(DateTime? last, TimeSpan interval, DateTime now) =>
        last is not { } before || now >= before + interval - Jitter || StoredTime.IsAhead(before, now);
}

/// <summary>The pace of a process that serves alone: in its memory, so that a poll writes nothing. A restart forgets who polled when, which
/// gives each device one poll.</summary>
internal sealed class RememberedPace(TimeProvider clock) : IPollPace
{
    // More than can wait at a time in earnest; of a flood the oldest go first.
    private const int Most = 100_000;
    private readonly Dictionary<long, (DateTime Last, TimeSpan Interval)> polls = [];

    public ValueTask<bool> TakeAsync(long id)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        lock (polls)
        {
            bool isKnown = polls.TryGetValue(id, out var before);
            var interval = isKnown ? before.Interval : DevicePolls.FirstInterval;
            bool keeps = Pace.Keeps(isKnown ? before.Last : null, interval, now);
            if (!isKnown && polls.Count >= Most) Sweep();
            polls[id] = (now, keeps ? interval : interval + DevicePolls.Slower);
            return new(keeps);
        }
    }

    private void Sweep()
    {
        foreach (long id in polls.OrderBy(p => p.Value.Last).Take(Most / 4).Select(p => p.Key).ToList()) polls.Remove(id);
    }
}

/// <summary>The pace of replicas that serve together: in the row of the device code, by commits that do not wait for the disk. What of it a
/// crash of the database takes away is a poll or two.</summary>
internal sealed class SharedPace(Database database, TimeProvider clock) : IPollPace
{
    private const string FindSql = """
        SELECT "RedemptionDate", "Properties" FROM "OpenIddictTokens" WHERE "Id"=@p0 AND "Status"='inactive'
        """;

    // Until it is redeemed the row has no other use for the column.
    private const string PollSql = """
        UPDATE "OpenIddictTokens" SET "RedemptionDate"=@p1, "Properties"=@p2 WHERE "Id"=@p0 AND "Status"='inactive' AND "Properties"=@p3
        """;

    public async ValueTask<bool> TakeAsync(long id)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        return await database.WriteBesideAsync(s =>
        {
            s.NeedNotLast();
            // What was read is so still when it is written: polls of one device come one after the other, and one that a person decides
            // meanwhile matters no more.
            s.Lock(id);
            if (s.First(FindSql, r => new Poll(Row.TimeOrNull(r, 0), r.GetString(1)), id) is not { } before) return true;
            var properties = DeviceProperties.Of(before.Properties);
            bool keeps = Pace.Keeps(before.Last, properties.Interval, now);
            s.Execute(PollSql, id, now, keeps ? before.Properties : properties.With(properties.Interval + DevicePolls.Slower).ToJson(),
                before.Properties);
            return keeps;
        });
    }

    private sealed record Poll(DateTime? Last, string Properties);
}
