using System.Runtime.InteropServices;
using System.Text;
using Benchmarks.Flows;
using Benchmarks.Servers;

namespace Benchmarks;

/// <summary>The figures as Markdown: first what holds on any machine, the ratios; then what it took here.</summary>
internal sealed class Report(Options options, IReadOnlyList<FlowResult> flows, Limits? limits)
{
    private const double MostStart = 1.5, MostMemory = 220, MostLatency = 20, LeastSignIns = 0.9;
    private static readonly Side[] Servers = [Side.Server, Side.Form, Side.Least, Side.Stock];
    private readonly StringBuilder text = new();

    public override string ToString()
    {
        text.Clear();
        Line("# Benchmark results");
        Line();
        Line($"Made by `{Options.Usage}`: {options.Rounds} rounds of {options.Seconds} s a run, {options.Connections} connections, the sides by turns; {Environment.ProcessorCount} cores ({RuntimeInformation.OSArchitecture}), shared by server and client; {RuntimeInformation.FrameworkDescription}.");
        Line("Compare figures of one run only. Medians of the rounds; in parentheses the least and the greatest.");
        Line();
        WriteRatios();
        if (limits is not null) WriteLimits(limits);
        WriteFigures();
        return text.ToString();
    }

    private void WriteRatios()
    {
        Line("## The server as a multiple of what stands beside it");
        Line();
        Line("*Form*: a bare Kestrel endpoint that parses the same form and answers 1 KB. *Least*: a bare Kestrel endpoint that does the least the flow needs (one ES256 signature; for refresh also a durable update and insert; for introspection a look-up; for revocation a durable insert). *Stock*: OpenIddict 7.8 as its documentation has it, with its EF Core stores on SQLite and RSA certificates. *Raw*: ES256 signatures, for password PBKDF2-SHA512 hashes of 210,000 rounds, on all cores, without any server.");
        Line();
        Line("| flow | requests/s : form | requests/s : least | requests/s : stock | requests/s : raw | CPU : form | CPU : least |");
        Line("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var flow in flows)
            Line($"| {flow.Name} | {Rate(flow, Side.Form)} | {Rate(flow, Side.Least)} | {Rate(flow, Side.Stock)} | {Rate(flow, Side.Raw)} | {Ratio(flow, Side.Form, m => m.Cpu)} | {Ratio(flow, Side.Least, m => m.Cpu)} |");
        Line();
    }

    private void WriteLimits(Limits limits)
    {
        double signIns = flows[^1].Ratio(Side.Raw, m => m.PerSecond).Median, memory = limits.Memory / 1048576.0;
        Line("## Limits");
        Line();
        Line("| what | limit | measured | |");
        Line("| --- | --- | --- | --- |");
        Line($"| password sign-in : raw hash rate | at least {LeastSignIns} | {signIns:F2} | {Met(signIns >= LeastSignIns)} |");
        WriteLatency("1 connection", limits.OneIntrospecting);
        WriteLatency($"{options.Connections} connections", limits.ManyIntrospecting);
        Line($"| start to first answer, warm disk | under {MostStart} s | {limits.Start.TotalSeconds:F2} s | {Met(limits.Start.TotalSeconds < MostStart)} |");
        Line($"| resident memory at the end | under {MostMemory} MB | {memory:F0} MB | {Met(memory < MostMemory)} |");
        Line();
    }

    private void WriteLatency(string load, Measurement measured) =>
        Line($"| p99 of introspection on {load} while sign-ins are saturated | under {MostLatency} ms | {measured.P99:F1} ms | {Met(measured.P99 < MostLatency)} |");

    private void WriteFigures()
    {
        Line("## What the ratios are made of");
        Line();
        Line("| flow | side | requests/s | p50 ms | p99 ms | CPU µs/request | allocated bytes/request |");
        Line("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var flow in flows)
        {
            foreach (var side in Servers.Where(flow.Has))
                Line($"| {flow.Name} | {side.ToString().ToLowerInvariant()} | {flow.Median(side, m => m.PerSecond):F0} | {flow.Median(side, m => m.P50):F2} | {flow.Median(side, m => m.P99):F2} | {flow.Median(side, m => m.Cpu):F0} | {flow.Median(side, m => m.Allocated):F0} |");
            Line($"| {flow.Name} | raw | {flow.Median(Side.Raw, m => m.PerSecond):F0} | | | | |");
        }
        Line();
        if (limits is null) return;
        Line($"An access token that IdentityModel makes takes {MicrosOfACore(limits.IdentityModelTokens):F0} µs of a core, the signature in it {MicrosOfACore(limits.Signatures):F0} µs.");
        Line($"While sign-ins were saturated: {limits.OneIntrospecting.PerSecond:F0} introspections/s on 1 connection; on {options.Connections}, {limits.ManyIntrospecting.PerSecond:F0}, with {limits.SignInsMeanwhile:F0} sign-ins/s beside them.");
    }

    private static double MicrosOfACore(Measurement onEveryCore) => 1e6 * Environment.ProcessorCount / onEveryCore.PerSecond;

    private static string Rate(FlowResult flow, Side side) => Ratio(flow, side, m => m.PerSecond);

    private static string Ratio(FlowResult flow, Side side, Func<Measurement, double> value)
    {
        if (!flow.Has(side)) return "";
        var (median, least, greatest) = flow.Ratio(side, value);
        return $"{Short(median)} ({Short(least)}–{Short(greatest)})";
    }

    private static string Short(double ratio) => ratio.ToString(ratio >= 100 ? "F0" : ratio >= 0.1 ? "F2" : "G2");

    private static string Met(bool met) => met ? "met" : "**missed**";

    private void Line(string line = "") => text.Append(line).Append('\n');
}
