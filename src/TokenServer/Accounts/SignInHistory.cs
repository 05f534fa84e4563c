using TokenServer.Storage;

namespace TokenServer.Accounts;

/// <summary>The last sign-ins of an account and what was refused in its name, from the audit trail, as its owner sees them.</summary>
internal sealed class SignInHistory(Database database)
{
    private const int Each = 10;

    private const string BegunSql = """
        SELECT "Time", "Event", "Address", "Detail" FROM "Audit" WHERE "Actor"=@p0 AND ("Event"='session.started') IS TRUE
        ORDER BY "Id" DESC LIMIT @p1
        """;
    private const string RefusedSql = """
        SELECT "Time", "Event", "Address", "Detail" FROM "Audit" WHERE "Target"=@p0 AND ("Event" IN ('sign_in.failed', 'sign_in.refused',
            'second_factor.failed', 'account.locked', 'second_factor.locked', 'passkey.counter_went_back')) IS TRUE
        ORDER BY "Id" DESC LIMIT @p1
        """;

    /// <summary>At most ten that succeeded and ten that did not, the newest first.</summary>
    public IReadOnlyList<PastSignIn> Of(int accountId)
    {
        string subject = accountId.ToString(CultureInfo.InvariantCulture);
        return database.Read(s => s.All(BegunSql, Read, subject, Each).Concat(s.All(RefusedSql, Read, subject, Each))
            .OrderByDescending(e => e.At).ToList());
    }

    private static PastSignIn Read(DbDataReader r) =>
        new(Row.Time(r, 0), r.GetString(1), Row.TextOrNull(r, 2), Row.TextOrNull(r, 3));
}

/// <summary>A sign-in, or an attempt.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Event">What the audit trail calls it.</param>
/// <param name="Address">From where, if that is known.</param>
/// <param name="Detail">Why it was refused, in a word, where the trail has one.</param>
internal sealed record PastSignIn(DateTime At, string Event, string? Address, string? Detail)
{
    public bool IsGood => Event == "session.started";
}
