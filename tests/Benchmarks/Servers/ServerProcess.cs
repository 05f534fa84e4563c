using System.Diagnostics;
using Benchmarks.Load;

namespace Benchmarks.Servers;

/// <summary>A server in a process of its own, on a free port, and what it has used up.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Process process;
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts <paramref name="assembly"/>, from this program's folder, and waits until it answers <paramref name="probe"/>.</summary>
    /// <exception cref="InvalidOperationException">It did not.</exception>
    public ServerProcess(string assembly, string probe, params string[] arguments)
    {
        var start = Stopwatch.StartNew();
        process = new Process { StartInfo = Command(assembly, arguments) };
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        try
        {
            if (!address.Task.Wait(Patience)) throw new TimeoutException($"{assembly} does not listen");
            Address = address.Task.Result;
            Ask(FormRequest.Get(probe));
        }
        catch (Exception e)
        {
            if (!process.HasExited) process.Kill();
            string said = process.StandardError.ReadToEnd();
            Dispose();
            throw new InvalidOperationException($"{assembly} did not start: {said}", e);
        }
        TimeToFirstAnswer = start.Elapsed;
    }

    public Uri Address { get; }

    /// <summary>From the start of the process to its first answer.</summary>
    public TimeSpan TimeToFirstAnswer { get; }

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentMemory => Refreshed().WorkingSet64;

    /// <summary>What it has used of the processor.</summary>
    public TimeSpan ProcessorTime => Refreshed().TotalProcessorTime;

    /// <summary>The body of the answer to one request.</summary>
    public byte[] Ask(byte[] request)
    {
        using var connection = new Connection(Address);
        return connection.Exchange(request).ToArray();
    }

    /// <summary>Puts the server under load, and accounts for what that cost it.</summary>
    public Measurement Measure(int connections, TimeSpan length, IRequestSource requests) => Measure(connections, length, requests, out _);

    /// <inheritdoc cref="Measure(int, TimeSpan, IRequestSource)"/>
    /// <param name="connections">How many connections.</param>
    /// <param name="length">For how long.</param>
    /// <param name="requests">What is sent.</param>
    /// <param name="answered">How many were answered.</param>
    public Measurement Measure(int connections, TimeSpan length, IRequestSource requests, out int answered)
    {
        var (allocated, cpu) = (AllocatedBytes(), Refreshed().TotalProcessorTime);
        var answers = LoadGenerator.Run(Address, connections, length, requests);
        cpu = Refreshed().TotalProcessorTime - cpu;
        double count = answered = answers.Latencies.Length;
        return new(answers.PerSecond, answers.Percentile(0.5), answers.Percentile(0.99), cpu.TotalMicroseconds / count, (AllocatedBytes() - allocated) / count);
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private static ProcessStartInfo Command(string assembly, string[] arguments)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var command = new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, assembly), .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        command.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        return command;
    }

    private void Read(string? line)
    {
        if (line is null) address.TrySetException(new InvalidOperationException("it ended"));
        else if (line.IndexOf(Listening, StringComparison.Ordinal) is var at and >= 0) address.TrySetResult(new Uri(line[(at + Listening.Length)..].Split('"')[0].Trim()));
    }

    private long AllocatedBytes()
    {
        process.StandardInput.WriteLine();
        string? answer = process.StandardError.ReadLine();
        return long.TryParse(answer, out long bytes) ? bytes : throw new InvalidOperationException($"the server says: {answer}");
    }

    private Process Refreshed()
    {
        process.Refresh();
        return process;
    }
}

/// <summary>One run of one side of a flow.</summary>
/// <param name="PerSecond">Requests, signatures or hashes a second.</param>
/// <param name="P50">Median latency in milliseconds.</param>
/// <param name="P99">99th percentile of latency in milliseconds.</param>
/// <param name="Cpu">The server's processor time per request, in microseconds.</param>
/// <param name="Allocated">Bytes the server allocated per request.</param>
internal sealed record Measurement(double PerSecond, double P50, double P99, double Cpu, double Allocated);
