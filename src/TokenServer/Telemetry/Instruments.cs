using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TokenServer.Telemetry;

/// <summary>What the server counts and measures, on one meter, in OpenTelemetry's names and units (docs/operations.md, "Seeing").
/// Every value of an attribute is a word of the program's own.</summary>
internal sealed class Instruments
{
    public const string MeterName = nameof(TokenServer);
    private static readonly InstrumentAdvice<double> Seconds =
        new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };
    private static readonly InstrumentAdvice<int> Powers = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] };
    private readonly Histogram<double> tokenRequests, commitDurations, revocationAges, eventAges;
    private readonly Histogram<int> commitSizes;
    private readonly Counter<long> signIns, rateLimited, clientFailures, lockouts,
        sessionsEnded, tokensRevoked, introspections, consents, deviceEvents, logoutsSent, installEvents, databaseUnavailable, keyProofs,
        feedEnds;

    public Instruments(IMeterFactory meters)
    {
        Meter = meters.Create(new MeterOptions(MeterName) { Version = Spans.Version });
        tokenRequests = Meter.CreateHistogram("tokenserver.token.request.duration", "s",
            "Requests of the token endpoint, by grant type and outcome.", advice: Seconds);
        signIns = Meter.CreateCounter<long>("tokenserver.sign_ins", "{attempt}",
            "Attempts to sign in, by face and outcome; each step is one.");
        rateLimited = Meter.CreateCounter<long>("tokenserver.rate_limit.refusals",
            "{request}", "Requests refused because there were too many, by bucket.");
        clientFailures = Meter.CreateCounter<long>("tokenserver.client_authentication.failures",
            "{request}", "Clients that did not prove who they are, by reason.");
        lockouts = Meter.CreateCounter<long>("tokenserver.lockouts", "{account}",
            "Accounts locked after too many wrong passwords or codes in a row.");
        sessionsEnded = Meter.CreateCounter<long>("tokenserver.sessions.ended", "{session}",
            "Sessions ended before their time, by reason; a reused refresh token is one.");
        tokensRevoked =
            Meter.CreateCounter<long>("tokenserver.tokens.revoked", "{token}", "Access tokens revoked alone, without a session.");
        introspections = Meter.CreateCounter<long>("tokenserver.introspections", "{token}", "Tokens introspected, by what the answer was.");
        keyProofs = Meter.CreateCounter<long>("tokenserver.dpop.proofs", "{proof}",
            "Proofs of keys that were shown, by what they were worth.");
        logoutsSent = Meter.CreateCounter<long>("tokenserver.logout.deliveries", "{attempt}",
            "Attempts to tell a client of a session's end, by what became of them.");
        consents = Meter.CreateCounter<long>("tokenserver.consents", "{consent}", "What accounts said to clients, by what they said.");
        deviceEvents =
            Meter.CreateCounter<long>("tokenserver.device.events", "{event}", "What became of devices that asked to be signed in.");
        installEvents =
            Meter.CreateCounter<long>("tokenserver.install.events", "{event}", "Transitions and refusals of the install lifecycle.");
        commitSizes = Meter.CreateHistogram("tokenserver.commit.operations",
            "{operation}", "Operations that one commit put on disk.", advice: Powers);
        commitDurations = Meter.CreateHistogram("tokenserver.commit.duration", "s",
            "How long one group of operations took, with its commit.", advice: Seconds);
        databaseUnavailable = Meter.CreateCounter<long>("tokenserver.database.unavailable",
            "{operation}", "Operations that the database did not serve, by what they were.");
        revocationAges = Meter.CreateHistogram("tokenserver.change_feed.revocation.age", "s",
            "How old another process's end of a session was when this one learned of it.", advice: Seconds);
        eventAges = Meter.CreateHistogram("tokenserver.revocation_feed.event.age", "s",
            "How old a revocation was when it was written to a stream that had everything before.", advice: Seconds);
        feedEnds = Meter.CreateCounter<long>("tokenserver.revocation_feed.readers.sent_back", "{reader}",
            "Readers of the feed of revocations that were cut off or had to begin anew, by reason.");
    }

    /// <summary>The meter, for gauges of what others keep.</summary>
    public Meter Meter { get; }

    /// <summary>The moment to give <see cref="TokenRequested"/>; nothing is looked at while nobody listens.</summary>
    public long StartTokenRequest() => tokenRequests.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <param name="grant">A grant type of the server's, <c>other</c> or <c>none</c>.</param>
    /// <param name="outcome"><c>ok</c> or an error's code.</param>
    /// <param name="started">What <see cref="StartTokenRequest"/> gave.</param>
    public void TokenRequested(string grant, string outcome, long started)
    {
        if (started != 0)
            tokenRequests.Record(Stopwatch.GetElapsedTime(started).TotalSeconds,
                new("tokenserver.grant_type", grant), new("tokenserver.outcome", outcome));
    }

    public void SignedIn(string face, string outcome) => signIns.Add(1, new("tokenserver.face", face), new("tokenserver.outcome", outcome));

    public void RateLimited(string bucket) => rateLimited.Add(1, new KeyValuePair<string, object?>("tokenserver.bucket", bucket));

    public void ClientNotAuthenticated(string reason) =>
        clientFailures.Add(1, new KeyValuePair<string, object?>("tokenserver.reason", reason));

    /// <param name="factor"><c>password</c> or <c>second_factor</c>.</param>
    public void Locked(string factor) => lockouts.Add(1, new KeyValuePair<string, object?>("tokenserver.factor", factor));

    /// <param name="count">How many.</param>
    /// <param name="reason">The audit event that tells of it.</param>
    public void SessionsEnded(int count, string reason)
    {
        if (count > 0) sessionsEnded.Add(count, new KeyValuePair<string, object?>("tokenserver.reason", reason));
    }

    public void TokenRevoked() => tokensRevoked.Add(1);

    public void Introspected(bool active) =>
        introspections.Add(1, new KeyValuePair<string, object?>("tokenserver.token.state", active ? "active" : "inactive"));

    /// <param name="outcome"><c>good</c>, <c>wrong</c>, <c>used</c> or <c>nonce_due</c>.</param>
    public void KeyProofShown(string outcome) => keyProofs.Add(1, new KeyValuePair<string, object?>("tokenserver.outcome", outcome));

    /// <param name="outcome"><c>delivered</c>, <c>failed</c> or <c>given_up</c>.</param>
    public void LogoutSent(string outcome) => logoutsSent.Add(1, new KeyValuePair<string, object?>("tokenserver.outcome", outcome));

    /// <param name="answer"><c>allowed</c>, <c>denied</c> or <c>withdrawn</c>.</param>
    public void ConsentGiven(string answer) => consents.Add(1, new KeyValuePair<string, object?>("tokenserver.consent", answer));

    /// <param name="name"><c>started</c>, <c>allowed</c>, <c>denied</c>, <c>signed_in</c>, or <c>expired</c>, which is a poll that came too
    /// late.</param>
    public void DeviceHappened(string name) => deviceEvents.Add(1, new KeyValuePair<string, object?>("tokenserver.event", name));

    /// <param name="name">The event's name.</param>
    /// <param name="error">The error's code, where it is a refusal.</param>
    /// <param name="isReasonGiven">Whether its reason was said, where it is a release.</param>
    public void InstallHappened(string name, string? error, bool? isReasonGiven = null)
    {
        var tags = new TagList { { "tokenserver.event", name } };
        if (error is not null) tags.Add("error.type", error);
        if (isReasonGiven is { } given) tags.Add("tokenserver.reason", given ? "given" : "none");
        installEvents.Add(1, tags);
    }

    /// <summary>The moment to give <see cref="Committed"/>.</summary>
    public long StartCommit() => commitDurations.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <param name="operations">How many one commit put on disk.</param>
    /// <param name="started">What <see cref="StartCommit"/> gave.</param>
    public void Committed(int operations, long started)
    {
        commitSizes.Record(operations);
        if (started != 0) commitDurations.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <param name="operation"><c>read</c>, <c>write</c>, or <c>queue</c> where it was full.</param>
    /// <param name="count">How many operations it did not serve.</param>
    public void DatabaseUnavailable(string operation, int count = 1) =>
        databaseUnavailable.Add(count, new KeyValuePair<string, object?>("tokenserver.operation", operation));

    /// <summary>An end of a session was learned of from another process, <paramref name="age"/> after it.</summary>
    public void RevocationSeen(TimeSpan age) => revocationAges.Record(Math.Max(0, age.TotalSeconds));

    /// <summary>A revocation was written to a stream, <paramref name="age"/> after it.</summary>
    public void EventTold(TimeSpan age) => eventAges.Record(Math.Max(0, age.TotalSeconds));

    /// <param name="reason"><c>unknown_cursor</c> or <c>slow</c>.</param>
    public void FeedReaderSentBack(string reason) => feedEnds.Add(1, new KeyValuePair<string, object?>("tokenserver.reason", reason));
}
