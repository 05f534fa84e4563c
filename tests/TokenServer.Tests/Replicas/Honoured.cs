using System.Diagnostics;

namespace TokenServer.Tests.Replicas;

/// <summary>How long it takes until what one replica has acknowledged counts at another.</summary>
internal static class Honoured
{
    /// <summary>What is promised.</summary>
    public static readonly TimeSpan Promise = TimeSpan.FromSeconds(1);

    /// <summary>Asks until the answer is no. A yes to a question that was asked later than is promised fails the test, however busy the machine.</summary>
    /// <param name="accepts">Whether it is still taken for good.</param>
    /// <param name="acknowledged">When the revocation was acknowledged (<see cref="Stopwatch.GetTimestamp"/>); now where null.</param>
    /// <returns>When the first question was asked whose answer was no.</returns>
    public static async Task<TimeSpan> UntilRefusedAsync(Func<Task<bool>> accepts, long? acknowledged = null)
    {
        long start = acknowledged ?? Stopwatch.GetTimestamp();
        while (true)
        {
            var asked = Stopwatch.GetElapsedTime(start);
            if (!await accepts()) return asked;
            asked.Should().BeLessThan(Promise, "who asks later is to be told no");
        }
    }

    /// <summary>Asks until the answer is yes.</summary>
    /// <inheritdoc cref="UntilRefusedAsync"/>
    public static Task<TimeSpan> UntilAcceptedAsync(Func<Task<bool>> accepts) => UntilRefusedAsync(async () => !await accepts());
}
