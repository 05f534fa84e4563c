namespace InstallLifecycle.Codes;

/// <summary>The four limits on codes (contract section 5, route 2). They count the codes that were issued,
/// in the transaction that issues the next one.</summary>
internal sealed class IssueLimits(InstallLifecycleOptions options)
{
    private const string Times = """SELECT "IssuedAt" FROM "InstallCodes" WHERE""",
        InWindow = """=@p0 AND "IssuedAt">@p1 AND "IssuedAt"<=@p2 ORDER BY "IssuedAt" DESC LIMIT 1 OFFSET @p3""";
    private const string OfAddressSql = $"""{Times} "AddressKey"{InWindow}""", OfSessionSql = $"""{Times} "Session"{InWindow}""",
        OfFingerprintSql = $"""{Times} "Fingerprint"{InWindow}""";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1), Day = TimeSpan.FromDays(1);

    /// <summary>How long to wait until all limits let <paramref name="requester"/> have a code; null where they do now.</summary>
    public TimeSpan? Wait(IInstallStatements s, Requester requester, DateTime now)
    {
        string address = requester.Caller.AddressKey, session = requester.Session, fingerprint = requester.Fingerprint;
        TimeSpan?[] waits =
        [
            Window.Wait(s, OfAddressSql, address, options.CodesPerIpPerHour, Hour, now),
            Window.Wait(s, OfAddressSql, address, options.CodesPerIpPerDay, Day, now),
            Window.Wait(s, OfSessionSql, session, options.CodesPerSessionPerHour, Hour, now),
            Window.Wait(s, OfFingerprintSql, fingerprint, options.CodesPerFingerprintPerHour, Hour, now),
        ];
        return waits.Max();
    }
}
