using System.Text;

namespace TokenServer.Sample.Gateway;

/// <summary>Reads what another server sends, and no more of it than it can have to say.</summary>
public static class Bounded
{
    /// <summary>The whole of an answer.</summary>
    /// <exception cref="IOException">It is longer.</exception>
    public static async Task<byte[]> ReadAsync(HttpContent content, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(content);
        await using var stream = await content.ReadAsStreamAsync(ct);
        using var whole = new MemoryStream();
        byte[] some = new byte[16 * 1024];
        while (await stream.ReadAsync(some, ct) is > 0 and var length)
        {
            if (whole.Length + length > most) throw new IOException($"an answer is longer than {most} bytes");
            whole.Write(some, 0, length);
        }
        return whole.ToArray();
    }

    /// <summary>An answer's lines, as they come, without their ends.</summary>
    /// <exception cref="IOException">A line is longer.</exception>
    public static async IAsyncEnumerable<string> LinesAsync(
        Stream stream, int most, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] buffer = new byte[most];
        int filled = 0;
        while (true)
        {
            if (filled == most) throw new IOException($"a line is longer than {most} bytes");
            int length = await stream.ReadAsync(buffer.AsMemory(filled), ct);
            if (length == 0) yield break;
            filled += length;
            int begin = 0;
            for (int end; (end = Array.IndexOf(buffer, (byte)'\n', begin, filled - begin)) >= 0; begin = end + 1)
                yield return Encoding.UTF8.GetString(buffer, begin, end - begin).TrimEnd('\r');
            buffer.AsSpan(begin, filled - begin).CopyTo(buffer);
            filled -= begin;
        }
    }
}
