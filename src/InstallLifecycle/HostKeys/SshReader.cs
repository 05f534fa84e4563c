using System.Buffers.Binary;

namespace InstallLifecycle.HostKeys;

/// <summary>Reads the data types of SSH (RFC 4251 section 5), to the letter; false where they are not there.</summary>
internal ref struct SshReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>Whether all was read.</summary>
    public readonly bool IsAtEnd => rest.IsEmpty;

    public bool TryReadBytes(int count, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (count < 0 || count > rest.Length) return false;
        value = rest[..count];
        rest = rest[count..];
        return true;
    }

    public bool TryReadNumber(out uint value)
    {
        bool isThere = TryReadBytes(sizeof(uint), out var four);
        value = isThere ? BinaryPrimitives.ReadUInt32BigEndian(four) : 0;
        return isThere;
    }

    public bool TryReadString(out ReadOnlySpan<byte> value)
    {
        value = default;
        return TryReadNumber(out uint length) && length <= int.MaxValue && TryReadBytes((int)length, out value);
    }

    /// <summary>A string that is a name: printable US-ASCII.</summary>
    public bool TryReadName(out string value)
    {
        bool isName = TryReadString(out var text) && text.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7e) < 0;
        value = isName ? Encoding.ASCII.GetString(text) : "";
        return isName;
    }

    /// <summary>An mpint that is above zero, without the zero byte that keeps its sign.</summary>
    public bool TryReadPositive(out ReadOnlySpan<byte> value)
    {
        if (!TryReadString(out value) || value.IsEmpty || value[0] >= 0x80) return false;
        if (value[0] != 0) return true;
        // A zero byte has to be there for the next one's highest bit, and for nothing else.
        if (value.Length == 1 || value[1] < 0x80) return false;
        value = value[1..];
        return true;
    }
}
