using System.Collections.Concurrent;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Storage;

/// <summary>Ids in the order of time (docs/decisions/0003).</summary>
public sealed class TimeOrderedIdTests
{
    [Fact]
    public void Each_id_is_greater_than_the_one_before_whatever_the_clock_does()
    {
        var clock = new ManualClock();
        var ids = new TimeOrderedId(clock);
        long last = 0;
        for (int i = 0; i < 10_000; i++)
        {
            if (i % 1000 == 0) clock.Advance(TimeSpan.FromMilliseconds(i % 2000 == 0 ? 5 : -3));
            long next = ids.Next();
            next.Should().BeGreaterThan(last);
            last = next;
        }
    }

    [Fact]
    public void Parallel_callers_get_different_ids()
    {
        var ids = new TimeOrderedId(new ManualClock());
        var all = new ConcurrentBag<long>();
        Parallel.For(0, 50_000, _ => all.Add(ids.Next()));
        all.Distinct().Should().HaveCount(50_000);
    }

    [Fact]
    public void An_id_survives_its_text_and_texts_sort_as_ids_do()
    {
        var clock = new ManualClock();
        var ids = new TimeOrderedId(clock);
        var made = new List<long>();
        for (int i = 0; i < 1000; i++)
        {
            made.Add(ids.Next());
            clock.Advance(TimeSpan.FromMilliseconds(i));
        }
        var texts = made.ConvertAll(TimeOrderedId.ToText);
        texts.Should().OnlyContain(t => t.Length == 13).And.BeInAscendingOrder(StringComparer.Ordinal);
        texts.ConvertAll(t => TimeOrderedId.Parse(t)!.Value).Should().Equal(made);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(1L)]
    [InlineData(long.MaxValue)]
    public void The_ends_of_the_range_survive_too(long id) => TimeOrderedId.Parse(TimeOrderedId.ToText(id)).Should().Be(id);

    [Theory]
    [InlineData("")]
    [InlineData("000000000000")]
    [InlineData("00000000000000")]
    [InlineData("000000000000w")]
    [InlineData("000000000000A")]
    [InlineData("vvvvvvvvvvvvv")]
    [InlineData("0000000 00000")]
    public void What_is_no_id_is_none(string text) => TimeOrderedId.Parse(text).Should().BeNull();
}
