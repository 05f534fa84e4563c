namespace TokenServer.Storage;

/// <summary>What people call an account.</summary>
internal sealed record AccountName(int Id, string UserName, string? Email, string? Name)
{
    private const int Batch = 1_000;

    /// <summary>The names of the accounts that are there of <paramref name="ids"/>.</summary>
    public static Dictionary<int, AccountName> Of(Statements s, IEnumerable<int> ids) =>
        s.OfIds("AspNetUsers", """ "Id", "UserName", "Email", "Name" """, ids.Select(id => (long)id).Distinct(),
            r => new AccountName(r.GetInt32(0), r.GetString(1), Row.TextOrNull(r, 2), Row.TextOrNull(r, 3))).ToDictionary(a => a.Id);

    /// <summary>The numbers of the accounts that <paramref name="part"/> is a part of the names of, the first
    /// <paramref name="most"/>.</summary>
    public static List<int> Find(Statements s, NamePart part, int most)
    {
        var where = new Conditions();
        where.Add(part.OfAccount(where));
        return s.All($"""SELECT "Id" FROM "AspNetUsers" {where.Sql} LIMIT {where.Bind(most)}""", r => r.GetInt32(0), where.Values);
    }

    /// <summary>Folds all names, which were stored before they were searched: a part of that migration, since no database folds as we
    /// do.</summary>
    public static void FoldAll(Statements s)
    {
        int last = int.MinValue;
        // By the number: a text that folds to none is not looked at for ever.
        while (s.All("""
            SELECT "Id", "Name" FROM "AspNetUsers" WHERE "Id">@p0 AND "Name" IS NOT NULL ORDER BY "Id" LIMIT @p1
            """, r => (Id: r.GetInt32(0), Name: r.GetString(1)), last, Batch) is { Count: > 0 } some)
        {
            foreach (var (id, name) in some)
                s.Execute("""UPDATE "AspNetUsers" SET "NormalizedName"=@p1 WHERE "Id"=@p0""", id, NamePart.Fold(name));
            last = some[^1].Id;
        }
    }
}
