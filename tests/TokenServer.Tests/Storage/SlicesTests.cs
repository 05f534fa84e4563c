using TokenServer.Storage;

namespace TokenServer.Tests.Storage;

/// <summary>The newest or the oldest rows of some of a column's values (docs/decisions/0039): the same as sorting all of them.</summary>
public sealed class SlicesTests
{
    private const int Rows = 600;
    private static readonly string[] Values = ["1", "22", "a\nb", "a", "b", "\"quoted\"", "back\\slash", "żółw", "rare", "none"];

    private const string Insert = """
        INSERT INTO "Audit" ("Id", "Time", "Event", "Actor") VALUES (@p0, @p1, @p2, @p3)
        """;

    [Fact]
    public async Task Of_any_values_in_either_order_from_anywhere_the_page_is_that_of_all_rows_sorted()
    {
        using var database = new TestDatabase();
        // Few have most rows, some have hardly any, one has none; every third is of another kind.
        var rows = Enumerable.Range(1, Rows).Select(i => (Id: (long)i * 3, Kind: i % 3 == 0 ? "second" : "first",
            Value: i == 17 ? "rare" : Values[Math.Min(Below(Values.Length - 2), Below(Values.Length - 2))])).ToArray();
        await database.Database.WriteAsync(s =>
        {
            foreach (var (id, kind, value) in rows) s.Execute(Insert, id, new DateTime(2026, 3, 31, 0, 0, 0, DateTimeKind.Utc), kind, value);
        });
        for (int i = 0; i < 300; i++)
        {
            string[] sought = [.. Enumerable.Range(0, 1 + Below(7)).Select(_ => Values[Below(Values.Length)])];
            long? after = Below(3) == 0 ? Below(3 * Rows) : null, before = Below(3) == 0 ? Below(3 * Rows) : null;
            var stretch = new Stretch(after, before, IsAscending: Below(2) == 0, Limit: Below(4) == 0 ? 2 * Rows : 1 + Below(60));
            string? kind = Below(3) == 0 ? "second" : null;
            var more = new Conditions();
            more.AddIf("""(a."Event"={0}) IS TRUE""", kind);
            var expected = rows.Where(r => sought.Contains(r.Value) && (kind is null || r.Kind == kind)).Select(r => r.Id)
                .Where(id => (after is null || id > after) && (before is null || id < before));
            expected = (stretch.IsAscending ? expected.Order() : expected.OrderDescending()).Take(stretch.Limit);
            database.Database.Read(s => new Slices("Audit", "Actor").Ids(s, sought, stretch, more))
                .Should().Equal(expected, "{0} of {1}, {2}", stretch, string.Join(", ", sought), kind);
        }
    }

    private static int Below(int end) => System.Security.Cryptography.RandomNumberGenerator.GetInt32(end);
}
