using System.Diagnostics.Metrics;

namespace TokenServer.Sample.Gateway;

/// <summary>What the gateway measures, on the meter <c>TokenServer.Gateway</c>.</summary>
public sealed class GatewayMeter
{
    private readonly Meter meter;
    private readonly Histogram<double> ages;
    private readonly Counter<long> requests, cut;

    public GatewayMeter(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        meter = meters.Create("TokenServer.Gateway");
        ages = meter.CreateHistogram<double>("gateway.revocation.age", "s",
            "How old a revocation was when it was refused here from then on; by the clocks of both.");
        requests = meter.CreateCounter<long>("gateway.requests", "{request}", "Requests, by what became of them.");
        cut = meter.CreateCounter<long>("gateway.requests.cut", "{request}", "Requests that passed, and were cut off when their token was good no more.");
    }

    /// <summary>An event was taken so long after it happened.</summary>
    /// <param name="age">Seconds.</param>
    /// <param name="isNew">Whether it is none of the snapshot that the feed begins with.</param>
    public void Applied(double age, bool isNew)
    {
        if (isNew) ages.Record(Math.Max(0, age));
    }

    /// <param name="outcome"><c>passed</c>, <c>refused</c>, <c>revoked</c>, <c>stale</c> or <c>asked</c>.</param>
    public void Decided(string outcome) => requests.Add(1, new KeyValuePair<string, object?>("gateway.outcome", outcome));

    /// <summary>A request that had passed was cut off.</summary>
    public void CutOff() => cut.Add(1);

    /// <summary>Shows how old the feed is and how much it holds.</summary>
    public void Watch(Func<TimeSpan?> age, Func<int> entries)
    {
        meter.CreateObservableGauge("gateway.feed.age",
            () => age() is { } it ? [new Measurement<double>(it.TotalSeconds)] : Array.Empty<Measurement<double>>(), "s",
            "Time since the server last said that nothing is missing.");
        meter.CreateObservableGauge("gateway.feed.entries", entries, "{entry}", "What is dead and kept.");
    }
}
