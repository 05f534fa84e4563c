using System.Text;

namespace Benchmarks.Load;

/// <summary>Says what each connection sends next, and looks at what it is answered.</summary>
internal interface IRequestSource
{
    /// <summary>The next request of <paramref name="connection"/>; null where there is none left.</summary>
    byte[]? Next(int connection);

    /// <summary>Takes the body of an answer.</summary>
    /// <exception cref="InvalidDataException">It is not the answer the flow is about.</exception>
    void Take(int connection, ReadOnlySpan<byte> body);
}

/// <summary>Walks the same requests over and over, from another place on each connection.</summary>
/// <param name="requests">One or more requests.</param>
/// <param name="expected">What every answer has in it.</param>
internal sealed class RequestCycle(byte[][] requests, string expected) : IRequestSource
{
    private readonly byte[] expected = Encoding.ASCII.GetBytes(expected);
    private long next;

    /// <summary>Requests sent so far.</summary>
    public long Sent => Volatile.Read(ref next);

    public byte[] Next(int connection) => requests[Interlocked.Increment(ref next) % requests.Length];

    public void Take(int connection, ReadOnlySpan<byte> body)
    {
        if (body.IndexOf(expected) < 0) throw new InvalidDataException(Encoding.UTF8.GetString(body));
    }
}

/// <summary>Sends each request once.</summary>
internal sealed class RequestsOnce(byte[][] requests) : IRequestSource
{
    private int taken = -1;

    public byte[]? Next(int connection) => Interlocked.Increment(ref taken) is var i && i < requests.Length ? requests[i] : null;

    public void Take(int connection, ReadOnlySpan<byte> body)
    {
    }
}

/// <summary>Sends one request over and over, and keeps one member of each answer.</summary>
internal sealed class TokenCollector(byte[] request, string member, int connections) : IRequestSource
{
    private readonly byte[] member = AnswerText.Name(member);
    private readonly List<string>[] tokens = [.. Enumerable.Range(0, connections).Select(_ => new List<string>())];

    public IEnumerable<string> Tokens => tokens.SelectMany(t => t);

    public byte[] Next(int connection) => request;

    public void Take(int connection, ReadOnlySpan<byte> body) => tokens[connection].Add(Encoding.ASCII.GetString(AnswerText.Member(body, member)));
}

/// <summary>Rotates one refresh token on each connection: the token of an answer is the next request's. The chains go on from run to run.</summary>
/// <param name="path">Where the token endpoint is.</param>
/// <param name="first">The first refresh token of each connection.</param>
internal sealed class RefreshChains(string path, string[] first) : IRequestSource
{
    private readonly byte[] member = AnswerText.Name("refresh_token");
    private readonly byte[][] requests = [.. first.Select(token => Request(path, token))];
    private readonly int[] lengths = [.. first.Select(token => token.Length)];

    public byte[] Next(int connection) => requests[connection];

    public void Take(int connection, ReadOnlySpan<byte> body)
    {
        var token = AnswerText.Member(body, member);
        if (token.Length == lengths[connection]) token.CopyTo(requests[connection].AsSpan(^token.Length..));
        else (requests[connection], lengths[connection]) = (Request(path, Encoding.ASCII.GetString(token)), token.Length);
    }

    private static byte[] Request(string path, string token) => FormRequest.Create(path, "grant_type=refresh_token&refresh_token=" + token);
}
