using System.Diagnostics;
using System.Runtime.ExceptionServices;
using TokenServer.Foundation;
using TokenServer.Storage.Providers;

namespace TokenServer.Storage;

/// <summary>Sees to it that what this process keeps in memory is never older than a second: it looks twice a second, and whenever
/// another process says so, at what others (replicas, the command line) changed, and has it read anew (docs/decisions/0017).</summary>
internal sealed partial class ChangeFeed(Database database, DatabaseProvider provider,
    IEnumerable<IKeptInMemory> kept, StorageOptions options, ILogger<ChangeFeed> logger) : BackgroundService
{
    private const long Age = 900;
    private const int MostWaiting = 8;
    private const string NumbersSql = $"""
        SELECT "Name", "Number" FROM "Versions"
        UNION ALL SELECT '{RowsOfRevocations}', coalesce(max("Id"), 0) FROM "Revocations"
        """;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500), Rest = TimeSpan.FromMilliseconds(20),
        Patience = TimeSpan.FromMilliseconds(700);

    /// <summary>The version of what was revoked: the number of the last row, which nobody has to count.</summary>
    public const string RowsOfRevocations = "revocations";

    private readonly IKeptInMemory[] kept = [.. kept];
    private readonly Lock looking = new();
    // Waited for by the system: a semaphore would look busily first, each time.
    private readonly AutoResetEvent told = new(false);
    private readonly SemaphoreSlim waiting = new(MostWaiting);
    private readonly Dictionary<string, long> seen = [];
    private long freshUntil, lastLook = Stopwatch.GetTimestamp();
    private bool failing;

    /// <summary>How long ago everything that had changed was last read; what is kept in memory is no older.</summary>
    public TimeSpan Lag => Stopwatch.GetElapsedTime(Interlocked.Read(ref lastLook));

    /// <summary>Reads everything once; what changes from here on is noticed.</summary>
    public void Load()
    {
        lock (looking)
        {
            (long began, long at) = (Environment.TickCount64, Stopwatch.GetTimestamp());
            foreach (var (name, number) in Numbers()) seen[name] = number;
            foreach (var one in kept) one.Reload();
            Volatile.Write(ref freshUntil, began + Age);
            Interlocked.Exchange(ref lastLook, at);
        }
    }

    /// <summary>Returns when what is kept in memory is no older than a second; at once, as a rule. A process that was cut off,
    /// or stood still, looks first.</summary>
    /// <exception cref="StorageUnavailableException">It is older, and the database does not say what has changed.</exception>
    public void EnsureFresh()
    {
        if (IsFresh) return;
        // A few wait for the answer; if the database hangs, the others must not stand behind them until no thread is left.
        if (waiting.Wait(TimeSpan.Zero))
        {
            try
            {
                WaitForLook();
            }
            finally
            {
                waiting.Release();
            }
        }
        if (!IsFresh) throw new StorageUnavailableException("it is not known what other processes have revoked");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // On a thread of its own: those of the pool may all be waiting for the database.
            await Task.WhenAll(Task.Factory.StartNew(() => LookUntil(stoppingToken), CancellationToken.None,
                TaskCreationOptions.LongRunning, TaskScheduler.Default), ListenAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end; where a start fails, the host would take it for a failure of this.
        }
    }

    private bool IsFresh => Environment.TickCount64 <= Volatile.Read(ref freshUntil);

    private void WaitForLook()
    {
        if (!looking.TryEnter(Patience)) return;
        try
        {
            if (!IsFresh) Look();
        }
        finally
        {
            looking.Exit();
        }
    }

    private void LookUntil(CancellationToken ct)
    {
        using var stopped = ct.Register(() => told.Set());
        while (!ct.IsCancellationRequested)
        {
            // Many changes in a row are seen together.
            if (told.WaitOne(Pause)) ct.WaitHandle.WaitOne(Rest);
            lock (looking) Look();
        }
    }

    private void Look()
    {
        (long began, long at) = (Environment.TickCount64, Stopwatch.GetTimestamp());
        try
        {
            if (failing) StartOver();
            ReadAll(Numbers());
            Volatile.Write(ref freshUntil, began + Age);
            Interlocked.Exchange(ref lastLook, at);
            if (failing) Log.Recovered(logger);
            failing = false;
        }
        catch (Exception e)
        {
            // A server that stopped here would serve nobody. While the database serves nobody,
            // nothing is revoked behind this process's back.
            if (provider.IsStopped(e) && (!provider.IsShared || Lag < options.VouchWhileStopped))
                Volatile.Write(ref freshUntil, began + Age);
            if (!failing) Log.Failed(logger, e);
            failing = true;
        }
    }

    // The database that comes back may be another, or an earlier state of it, in which numbers that were seen are given out again.
    private void StartOver()
    {
        seen.Clear();
        foreach (var one in kept) one.StartOver();
    }

    // What cannot be read keeps nothing else from being read.
    private void ReadAll(Dictionary<string, long> now)
    {
        ExceptionDispatchInfo? failure = null;
        foreach (var one in kept)
        {
            try
            {
                Read(one, now);
            }
            catch (Exception e)
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
            }
        }
        failure?.Throw();
    }

    private void Read(IKeptInMemory one, Dictionary<string, long> now)
    {
        long number = now.GetValueOrDefault(one.VersionName);
        if (number == seen.GetValueOrDefault(one.VersionName)) return;
        one.Reload();
        seen[one.VersionName] = number;
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await provider.ListenAsync(Hear, ct);
                return;
            }
            catch (DbException e)
            {
                // Looking goes on without being told.
                Log.NotListening(logger, e.Message);
                await Task.Delay(Pause, ct);
            }
        }
    }

    private void Hear() => told.Set();

    private Dictionary<string, long> Numbers() => database.Read(s => s.All(NumbersSql, r => (r.GetString(0), r.GetInt64(1))))
        .ToDictionary(v => v.Item1, v => v.Item2);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Changes of other processes cannot be read; trying again twice a second")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Changes of other processes are read again")]
        public static partial void Recovered(ILogger logger);

        [LoggerMessage(Level = LogLevel.Debug, Message = "Nobody says when something has changed: {Problem}")]
        public static partial void NotListening(ILogger logger, string problem);
    }
}
