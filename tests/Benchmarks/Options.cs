using System.Globalization;

namespace Benchmarks;

/// <summary>The command line.</summary>
/// <param name="Seconds">Length of one run.</param>
/// <param name="Rounds">Rounds of turns.</param>
/// <param name="Connections">Connections under load.</param>
/// <param name="Flow">A part of the name of the flows to measure, as <c>dpop</c>; null for all.</param>
/// <param name="Out">The file the report goes to besides the console; null for none.</param>
internal sealed record Options(double Seconds, int Rounds, int Connections, string? Flow, string? Out)
{
    public const string Usage = "dotnet run -c Release --project tests/Benchmarks [-- [growth|replicas|installs|feed] --seconds 2 --rounds 3 --connections 32 --flow NAME --out FILE]";

    /// <summary>Reads <paramref name="arguments"/>, which are pairs of a name and a value; null where they make no sense.</summary>
    public static Options? Parse(string[] arguments)
    {
        var options = new Options(2, 3, 32, null, null);
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            var next = arguments[i] switch
            {
                "--seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= 600 => options with { Seconds = seconds },
                "--rounds" when int.TryParse(value, out int rounds) && rounds is > 0 and <= 100 => options with { Rounds = rounds },
                "--connections" when int.TryParse(value, out int connections) && connections is > 0 and <= 64 => options with { Connections = connections },
                "--flow" when value.Length > 0 => options with { Flow = value },
                "--out" when value.Length > 0 => options with { Out = value },
                _ => null,
            };
            if (next is null) return null;
            options = next;
        }
        return options;
    }
}
