using System.Text.Json;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>Lists a page at a time: <c>?limit=&amp;cursor=</c>, the newest first (contract section 6).</summary>
public sealed class PagingTests : IAsyncLifetime
{
    private AdminServer admin = null!;

    public static TheoryData<string> Lists => ["/clients", "/users", "/sessions", "/users/1/sessions", "/installs/codes", "/installs/activations", "/servers", "/audit"];

    public async Task InitializeAsync()
    {
        admin = await AdminServer.StartAsync();
        for (int i = 0; i < 5; i++) await admin.Server.SignInAsync("web", "jane");
        for (int i = 0; i < 3; i++) await Installation.RegisteredAsync(admin.Server);
    }

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_walk_from_cursor_to_cursor_shows_each_item_once_in_the_lists_order(string list)
    {
        var all = (await admin.ListAsync(list + "?limit=200")).Select(i => i.GetRawText()).ToList();
        all.Should().HaveCountGreaterThanOrEqualTo(3).And.OnlyHaveUniqueItems();
        foreach (int limit in (int[])[1, 2, all.Count, all.Count + 1]) (await WalkAsync(list, limit)).Should().Equal(all, "limit {0}", limit);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task The_last_page_has_no_cursor_even_when_it_is_full(string list)
    {
        int count = (await admin.ListAsync(list + "?limit=200")).Length;
        (await admin.DoAsync($"GET {list}?limit={count}")).Json.GetProperty("next_cursor").ValueKind.Should().Be(JsonValueKind.Null);
        (await admin.DoAsync($"GET {list}?limit={count - 1}")).Json.GetProperty("next_cursor").ValueKind.Should().Be(JsonValueKind.String);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task What_is_no_page_is_refused(string list)
    {
        string[] queries =
        [
            "limit=0", "limit=-1", "limit=201", "limit=1.5", "limit=", "limit=many", "limit=99999999999999999999", "limit=%2B5", "limit=5&limit=5",
            "cursor=", "cursor=abc", "cursor=-1", "cursor=99999999999999999999", "cursor=1&cursor=2", "cursor=%00", "offset=10", "page=2", "LIMIT=5;x=1", "access_token=x",
        ];
        foreach (string query in queries) (await admin.CallAsync($"GET {list}?{query}")).ShouldBeProblem(400, because: $"{list}?{query}");
        foreach (string query in (string[])["limit=1", "limit=200", "cursor=9223372036854775807", "cursor=0"]) (await admin.CallAsync($"GET {list}?{query}")).Status.Should().Be(200, query);
    }

    [Fact]
    public async Task A_list_without_a_limit_shows_fifty()
    {
        await AddAsync(0, 60);
        (await admin.ListAsync("/users")).Should().HaveCount(50);
    }

    [Fact]
    public async Task While_items_come_and_go_a_walk_shows_each_that_stays_once_and_none_twice()
    {
        await AddAsync(0, 40);
        string[] stay = [.. (await admin.ListAsync("/users?limit=200", "username")).Where(n => !n.EndsWith('5'))];
        var seen = new List<string>();
        string? cursor = null;
        int round = 0;
        do
        {
            var page = await admin.DoAsync("GET /users?limit=3" + (cursor is null ? "" : "&cursor=" + cursor));
            seen.AddRange(page.Json.GetProperty("items").EnumerateArray().Select(u => u.Text("username")));
            cursor = page.Json.GetProperty("next_cursor").GetString();
            // The item that the cursor names may be the one that goes.
            if (round < 10) await admin.Server.Get<Database>().WriteAsync(s => s.Execute("""DELETE FROM "AspNetUsers" WHERE "UserName" LIKE '%5' AND "Id"%10=@p0""", round));
            await AddAsync(1000 + round * 10, 1);
            round++;
        }
        while (cursor is not null);
        seen.Should().OnlyHaveUniqueItems().And.Contain(stay);
        seen.Should().NotContain(n => n.StartsWith("u10", StringComparison.Ordinal) && n.Length == 5, "what is newer than the first page is not on a later one");
    }

    [Fact]
    public async Task A_filter_that_is_repeated_is_refused()
    {
        foreach (string query in (string[])["/audit?actor=1&actor=2", "/sessions?status=active&status=active", "/users?role=admin&role=user", "/clients?status=active&status=revoked"])
            (await admin.CallAsync("GET " + query)).ShouldBeProblem(400, because: query);
    }

    private Task<int> AddAsync(int from, int count) => admin.Server.Get<Database>().WriteAsync(s => s.Execute("""
        WITH RECURSIVE n(i) AS (SELECT @p0 UNION ALL SELECT i+1 FROM n WHERE i+1<@p1) INSERT INTO "AspNetUsers" ("UserName","NormalizedUserName","Email","NormalizedEmail","Role","CreatedAt","EmailConfirmed","PhoneNumberConfirmed","TwoFactorEnabled","LockoutEnabled","AccessFailedCount","TwoFactorFailedCount")
        SELECT 'u'||i, 'U'||i, 'u'||i||'@x', 'U'||i||'@X', 'user', '2026-11-21', FALSE, FALSE, FALSE, FALSE, 0, 0 FROM n
        """, from, from + count));

    private async Task<List<string>> WalkAsync(string list, int limit)
    {
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await admin.DoAsync($"GET {list}?limit={limit}" + (cursor is null ? "" : "&cursor=" + cursor))).Json;
            page.GetProperty("items").GetArrayLength().Should().BeInRange(1, limit);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetRawText()));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        return seen;
    }
}
