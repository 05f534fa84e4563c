using System.Buffers.Binary;
using TokenServer.Storage;
using TokenServer.Storage.Providers;

namespace TokenServer.Tokens.Dpop;

/// <summary>Where one process serves from the database: in bounded memory, and in files beside the database that the next process reads,
/// by the stretch of time in which proofs are over (docs/decisions/0045). What finds no room there is a row.</summary>
internal sealed partial class RememberedProofs : IUsedProofs, IDisposable
{
    /// <summary>How many are remembered: those of two minutes at 8,000 a second, some 24 MB.</summary>
    public const int Most = 1 << 20;

    private const string Name = "used-proofs", Unreadable = "the files of used proofs cannot be read";
    private const int Stretch = 64;
    private static readonly TimeSpan LongestLife = 2 * DpopProofs.WindowWithNonce + DpopProofs.Longer, Pause = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly Dictionary<long, UsedInStretch> stretches = [];
    private readonly DatabaseProvider provider;
    private readonly UsedIds rows;
    private readonly TimeProvider clock;
    private readonly int most;
    private readonly ITimer toDisk;
    private readonly ILogger log;
    private readonly LastRun run;
    private IDisposable? alone;
    private DateTime rowsUntil;
    private DateTime? unknownBefore;

    /// <param name="provider">Says where the files belong.</param>
    /// <param name="rows">Keeps what finds no room.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="most">How many are remembered.</param>
    /// <param name="machine">The run of the machine, as <see cref="LastRun"/> has it.</param>
    /// <param name="log">Is told where the disk does not take them.</param>
    public RememberedProofs(
        DatabaseProvider provider, UsedIds rows, TimeProvider clock, int most, string machine, ILogger<RememberedProofs> log)
    {
        run = new(provider.Beside(Name + ".run"), machine);
        (this.provider, this.rows, this.clock, this.most, this.log) = (provider, rows, clock, most, log);
        toDisk = clock.CreateTimer(_ => Flush(), null, Pause, Pause);
    }

    /// <summary>How many are remembered now.</summary>
    public int Count
    {
        get
        {
            lock (gate) return stretches.Values.Sum(s => s.Count);
        }
    }

    /// <inheritdoc/>
    public DateTime? UnknownBefore
    {
        get
        {
            try
            {
                lock (gate)
                {
                    var now = clock.GetUtcNow().UtcDateTime;
                    Open(now);
                    // By then all that was made before is refused for its age.
                    if (unknownBefore + LongestLife < now) unknownBefore = null;
                    return unknownBefore;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StorageUnavailableException(Unreadable, e);
            }
        }
    }

    public async ValueTask<bool> UseAsync(ProofResult.Proven proof)
    {
        ulong id = IdOf(proof);
        UsedInStretch? kept = null;
        bool isDecided = false;
        try
        {
            (bool isFirst, kept, long place, bool mayHaveRow) = Remember(id, proof.Until);
            if (isFirst)
            {
                kept?.Write(id, place);
                isFirst = !mayHaveRow || await rows.UseAsync("dpop", proof.Thumbprint, proof.Id, proof.Until);
            }
            isDecided = true;
            return isFirst;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            throw new StorageUnavailableException("the files of used proofs cannot be written", e);
        }
        finally
        {
            // Nobody was told that it is good, and it may be shown again.
            if (!isDecided && kept is not null) Forget(kept, id);
        }
    }

    private void Forget(UsedInStretch kept, ulong id)
    {
        lock (gate) kept.Forget(id);
    }

    private (bool IsFirst, UsedInStretch? Kept, long Place, bool MayHaveRow) Remember(ulong id, DateTime until)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow().UtcDateTime;
            Open(now);
            long first = StretchOf(now);
            int count = 0;
            foreach (var (at, stretch) in stretches)
            {
                if (at < first) Drop(at);
                else if (stretch.IsBroken) throw new IOException("the disk did not take the used proofs");
                else if (stretch.Has(id)) return (false, null, 0, false);
                else count += stretch.Count;
            }
            // Where there is no room, a row alone keeps it; until the last of such rows is over, all are looked for there as well.
            if (count >= most && until > rowsUntil) rowsUntil = until;
            bool mayHaveRow = rowsUntil >= now;
            if (count >= most) return (true, null, 0, true);
            long own = StretchOf(until);
            if (!stretches.TryGetValue(own, out var kept))
                stretches[own] = kept = new(provider.Beside($"{Name}-{own}"));
            return (true, kept, kept.Add(id), mayHaveRow);
        }
    }

    // While a server that is being replaced has not ended, its files are its own. What cannot be opened whole is not opened.
    private void Open(DateTime now)
    {
        if (alone is not null) return;
        var opened = provider.TryLock(Name)
            ?? throw new StorageUnavailableException("another server on this database keeps the used proofs");
        var found = new Dictionary<long, UsedInStretch>();
        try
        {
            foreach (string file in provider.AllBeside(Name + "-"))
            {
                if (file.EndsWith(UsedInStretch.Unfinished, StringComparison.Ordinal)) File.Delete(file);
                if (!long.TryParse(file.AsSpan(file.LastIndexOf('-') + 1), out long at)) continue;
                if (at < StretchOf(now)) File.Delete(file);
                else found[at] = new(file);
            }
            // Of before there were such files, or of a time that had no room.
            var rowsEnd = rows.LastEnd() is { } last ? last < now + LongestLife ? last : now + LongestLife : DateTime.MinValue;
            if (run.Begin()) unknownBefore = now;
            foreach (var (at, stretch) in found) stretches.Add(at, stretch);
            (rowsUntil, alone) = (rowsEnd, opened);
        }
        finally
        {
            if (alone is null)
            {
                foreach (var stretch in found.Values) stretch.Dispose();
                opened.Dispose();
            }
        }
    }

    private void Drop(long at)
    {
        if (stretches.Remove(at, out var over)) over.Delete();
    }

    // So that the machine may stop at any moment, too, and no request waits for its disk. While the disk does not take them, none is
    // taken here.
    private bool Flush()
    {
        (UsedInStretch Stretch, ulong[] All)[] due;
        lock (gate) due = [.. stretches.Values.Where(s => s.IsDue).Select(s => (s, s.IsBroken ? s.All() : []))];
        bool isOnDisk = true;
        foreach (var (stretch, all) in due)
        {
            try
            {
                stretch.Flush(all);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                Log.NotOnDisk(log, e);
                isOnDisk = false;
            }
        }
        return isOnDisk;
    }

    public void Dispose()
    {
        toDisk.Dispose();
        bool isOnDisk = Flush();
        lock (gate)
        {
            foreach (var stretch in stretches.Values) stretch.Dispose();
            stretches.Clear();
            if (alone is null) return;
            if (isOnDisk) run.End();
            alone.Dispose();
        }
    }

    private static long StretchOf(DateTime time) => new DateTimeOffset(time, TimeSpan.Zero).ToUnixTimeSeconds() / Stretch;

    // A thumbprint is 43 characters: no part can be taken for the other's. Zero is what a hole in a file reads as.
    private static ulong IdOf(ProofResult.Proven proof)
    {
        Span<byte> text = stackalloc byte[1_024], hash = stackalloc byte[SHA256.HashSizeInBytes];
        int length = Encoding.UTF8.GetBytes(proof.Thumbprint, text);
        length += Encoding.UTF8.GetBytes(proof.Id, text[length..]);
        SHA256.HashData(text[..length], hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash) | 1;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Used proofs are not on disk; requests with proofs are refused until they are")]
        public static partial void NotOnDisk(ILogger logger, Exception exception);
    }
}
