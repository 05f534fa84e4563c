using TokenServer.RateLimits;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>A flood of addresses costs a bounded amount of memory, and does not wash away what was counted last.</summary>
[Collection(Alone.Name)]
public sealed class LimitMemoryTests
{
    private const int Addresses = 200_000, Newest = 10_000;
    private const long Most = 50 * 1024 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Two_hundred_thousand_addresses_take_50_MB_at_most_and_the_newest_stay_counted(int floods)
    {
        var clock = new ManualClock();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var window = new SlidingWindow(new RateLimit(1), clock);
        int allowed = 0;
        for (int i = 0; i < floods * Addresses; i++)
        {
            if (i % 100 == 0) clock.Advance(TimeSpan.FromMilliseconds(1));
            if (window.Take(Address(i)).Allowed) allowed++;
        }
        allowed.Should().Be(floods * Addresses);
        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(Most);
        Enumerable.Range(floods * Addresses - Newest, Newest).Count(i => window.Look(Address(i)).Allowed).Should().Be(0);
        GC.KeepAlive(window);
    }

    [Fact]
    public void Busy_addresses_take_50_MB_at_most_too()
    {
        var clock = new ManualClock();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var window = new SlidingWindow(new RateLimit(60), clock);
        for (int i = 0; i < Addresses; i++)
            for (int j = 0; j < 5; j++) window.Take(Address(i));
        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(Most);
        window.Look(Address(Addresses - 1)).Remaining.Should().Be(55);
    }

    [Fact]
    public void What_is_out_of_the_window_takes_no_memory()
    {
        var clock = new ManualClock();
        var window = new SlidingWindow(new RateLimit(1), clock);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int flood = 0; flood < 5; flood++)
        {
            Enumerable.Range(0, Addresses / 2).Count(i => window.Take(Address(i)).Allowed).Should().Be(Addresses / 2);
            clock.Advance(TimeSpan.FromMinutes(1));
        }
        window.Take("the last").Allowed.Should().BeTrue();
        // The emptied table itself may stay.
        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(Most / 4);
        GC.KeepAlive(window);
    }

    [Fact]
    public void Looking_remembers_nobody()
    {
        var window = new SlidingWindow(new RateLimit(1), new ManualClock());
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Enumerable.Range(0, Addresses).Count(i => window.Look(Address(i)).Allowed).Should().Be(Addresses);
        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(Most / 50);
        GC.KeepAlive(window);
    }

    // As long as an IPv6 network's key can be.
    private static string Address(int i) => $"2001:db8:{0x1000 + (i >> 16):x4}:{i & 0xFFFF:x4}::";
}
