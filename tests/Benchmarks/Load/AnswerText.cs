using System.Text;

namespace Benchmarks.Load;

/// <summary>Finds a text member of a JSON answer without parsing it.</summary>
internal static class AnswerText
{
    /// <summary>A member's name as it stands before its value.</summary>
    public static byte[] Name(string member) => Encoding.ASCII.GetBytes($"\"{member}\":\"");

    /// <summary>The value after <paramref name="name"/>.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> body, ReadOnlySpan<byte> name)
    {
        int at = body.IndexOf(name);
        if (at < 0) throw new InvalidDataException(Encoding.UTF8.GetString(body));
        var value = body[(at + name.Length)..];
        return value[..value.IndexOf((byte)'"')];
    }
}
