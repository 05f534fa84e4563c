using Benchmarks.Servers;

namespace Benchmarks.Flows;

/// <summary>One flow and what is measured beside it, each a run of the given length.</summary>
/// <param name="Name">What the flow is called in the report.</param>
/// <param name="Server">The real server.</param>
/// <param name="Form">The bare endpoint that parses the same form and answers 1 KB.</param>
/// <param name="Least">The bare endpoint that does the least the flow needs; null where the raw rate is that.</param>
/// <param name="Stock">OpenIddict as its documentation has it; null where it is not measured.</param>
/// <param name="Raw">The machine's raw signature rate, or hash rate where passwords are hashed.</param>
internal sealed record Flow(string Name, Func<TimeSpan, Measurement> Server, Func<TimeSpan, Measurement> Form,
    Func<TimeSpan, Measurement>? Least, Func<TimeSpan, Measurement>? Stock, Func<TimeSpan, Measurement> Raw)
{
    /// <summary>Runs the sides by turns, forwards and backwards, so that a machine that slows down slows all of them.</summary>
    public FlowResult Run(int rounds, TimeSpan length)
    {
        Func<TimeSpan, Measurement>?[] sides = [Server, Form, Least, Stock, Raw];
        foreach (var side in sides[..^1]) side?.Invoke(length);
        var results = new Measurement?[rounds][];
        for (int round = 0; round < rounds; round++)
        {
            results[round] = new Measurement?[sides.Length];
            for (int turn = 0; turn < sides.Length; turn++)
            {
                int side = round % 2 == 0 ? turn : sides.Length - 1 - turn;
                // Nothing has to settle in a raw rate, so half the time does.
                results[round][side] = sides[side]?.Invoke(side == (int)Side.Raw ? length / 2 : length);
            }
        }
        return new(Name, results);
    }
}

/// <summary>The sides of a flow, as <see cref="FlowResult"/> counts them.</summary>
internal enum Side
{
    Server,
    Form,
    Least,
    Stock,
    Raw,
}

/// <summary>What was measured of a flow: for each round, each side.</summary>
internal sealed record FlowResult(string Name, Measurement?[][] Rounds)
{
    public bool Has(Side side) => Rounds[0][(int)side] is not null;

    /// <summary>The median over the rounds.</summary>
    public double Median(Side side, Func<Measurement, double> value) => Values(side, value)[Rounds.Length / 2];

    /// <summary>The real server's value as a multiple of another side's in the same round: the median of the rounds, the least and the greatest.</summary>
    public (double Median, double Least, double Greatest) Ratio(Side side, Func<Measurement, double> value)
    {
        double[] ratios = [.. Rounds.Select(r => value(r[(int)Side.Server]!) / value(r[(int)side]!)).Order()];
        return (ratios[ratios.Length / 2], ratios[0], ratios[^1]);
    }

    private double[] Values(Side side, Func<Measurement, double> value) => [.. Rounds.Select(r => value(r[(int)side]!)).Order()];
}
