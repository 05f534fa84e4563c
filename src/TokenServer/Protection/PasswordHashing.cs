using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using TokenServer.Foundation.Precis;
using TokenServer.Telemetry;

namespace TokenServer.Protection;

/// <summary>Password hashes (Identity's: PBKDF2-SHA512), computed on threads of their own, one for each core and of low priority, behind a
/// bounded queue: a flood of logins waits or is turned away, and slows nothing else (docs/decisions/0006).</summary>
internal sealed partial class PasswordHashing : IDisposable
{
    public const int Rounds = 210_000, LongestPassword = 1000;
    private const int WaitingPerThread = 64, Niceness = 10;
    private readonly PasswordHasher<object> hasher;
    private readonly BlockingCollection<Action> queue = new(WaitingPerThread * Environment.ProcessorCount);
    private readonly Thread[] threads;
    private long refused;

    // What an unknown user's password is compared with: a hash of the same cost that nothing matches.
    private readonly string nobodys;

    public PasswordHashing() : this(Rounds)
    {
    }

    /// <summary>With other <paramref name="rounds"/> than a server has: for tests that are not about hashing,
    /// whose time it would be.</summary>
    internal PasswordHashing(int rounds)
    {
        hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = rounds }));
        nobodys = Unmatchable(rounds);
        threads = [.. Enumerable.Range(0, Environment.ProcessorCount)
            .Select(i => new Thread(Work) { IsBackground = true, Name = "password hashing " + i, Priority = ThreadPriority.BelowNormal })];
        foreach (var thread in threads) thread.Start();
    }

    /// <summary>How many wait for a thread now.</summary>
    public int Waiting => queue.Count;

    /// <summary>How many were turned away so far because too many were waiting.</summary>
    public long Refused => Interlocked.Read(ref refused);

    /// <summary>The hash to store of <paramref name="password"/>; null where too many already wait.</summary>
    public Task<string?> HashAsync(string password) => RunAsync<string?>(() => hasher.HashPassword(this, Prepared(password)));

    /// <summary>Whether <paramref name="password"/> is the one of <paramref name="hash"/>; without a hash it takes as long and fails.
    /// Null where too many already wait.</summary>
    public Task<PasswordVerificationResult?> VerifyAsync(string? hash, string password) => RunAsync<PasswordVerificationResult?>(() =>
    {
        string prepared = Prepared(password);
        var result = Verify(hash, prepared);
        if (result != PasswordVerificationResult.Failed || prepared == password) return result;
        // What was hashed before passwords were prepared is the text as it came; it is hashed anew then.
        return Verify(hash, password) == PasswordVerificationResult.Failed
            ? PasswordVerificationResult.Failed : PasswordVerificationResult.SuccessRehashNeeded;
    });

    public void Dispose()
    {
        queue.CompleteAdding();
        foreach (var thread in threads) thread.Join();
        queue.Dispose();
    }

    // What has no prepared form is refused where it is set, and may still be an old password.
    private static string Prepared(string password) => OpaqueString.Prepare(password) ?? password;

    private PasswordVerificationResult Verify(string? hash, string password)
    {
        try
        {
            var result = hasher.VerifyHashedPassword(this, hash ?? nobodys, password);
            return hash is null ? PasswordVerificationResult.Failed : result;
        }
        catch (FormatException)
        {
            // What another application stored is no hash, so nothing is its password.
            return PasswordVerificationResult.Failed;
        }
    }

    private Task<T?> RunAsync<T>(Func<T?> hash) =>
        !Spans.AreSeen ? QueueAsync(hash) : Spans.AroundAsync("hash password", span => QueueAsync(() =>
        {
            Spans.Begin(span);
            return hash();
        }));

    private Task<T?> QueueAsync<T>(Func<T?> hash)
    {
        var answer = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool queued = queue.TryAdd(() =>
        {
            try
            {
                answer.SetResult(hash());
            }
            catch (Exception e)
            {
                answer.SetException(e);
            }
        });
        if (queued) return answer.Task;
        Interlocked.Increment(ref refused);
        return Task.FromResult<T?>(default);
    }

    private void Work()
    {
        // Linux knows no thread priorities but niceness, which there is a thread's own.
        if (OperatingSystem.IsLinux()) _ = SetPriority(0, GetThreadId(), Niceness);
        foreach (var hash in queue.GetConsumingEnumerable()) hash();
    }

    /// <summary>A hash of the usual cost that no password has.</summary>
    public static string Unmatchable(int rounds = Rounds)
    {
        // Identity's format 3: marker, PRF 2 (HMAC-SHA512), rounds, salt size, salt, key.
        byte[] hash = new byte[13 + 16 + 32];
        hash[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(1), 2);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(5), (uint)rounds);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(9), 16);
        RandomNumberGenerator.Fill(hash.AsSpan(13));
        return Convert.ToBase64String(hash);
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
