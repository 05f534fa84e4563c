using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace TokenServer.Tokens.Dpop;

/// <summary>The proofs that are over in one stretch of time: a set in memory, and a file of 8 bytes each. Only <see cref="Write"/>
/// and <see cref="Flush"/> may run beside others.</summary>
internal sealed class UsedInStretch : IDisposable
{
    private const int Size = sizeof(ulong);
    private readonly string path;
    private readonly HashSet<ulong> ids = [];
    private readonly SafeFileHandle file;
    private long end, flushed;

    /// <summary>Opens a file, or makes one, and reads what is in it.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public UsedInStretch(string path)
    {
        this.path = path;
        file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        byte[] content = new byte[RandomAccess.GetLength(file) / Size * Size];
        int read = 0;
        while (read < content.Length && RandomAccess.Read(file, content.AsSpan(read), read) is var more and > 0) read += more;
        for (; end + Size <= read; end += Size)
            if (BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan((int)end)) is var id and not 0) ids.Add(id);
        flushed = end;
    }

    public int Count => ids.Count;

    public bool Has(ulong id) => ids.Contains(id);

    /// <summary>Where it belongs in the file.</summary>
    public long Add(ulong id)
    {
        ids.Add(id);
        end += Size;
        return end - Size;
    }

    /// <exception cref="IOException">There is no room.</exception>
    public void Write(ulong id, long place)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, id);
        RandomAccess.Write(file, bytes, place);
    }

    /// <summary>Whether something was written since the last time.</summary>
    public bool StartFlush()
    {
        bool isDue = flushed != end;
        flushed = end;
        return isDue;
    }

    /// <summary>Has the disk take what was written.</summary>
    /// <exception cref="IOException">It does not.</exception>
    /// <exception cref="ObjectDisposedException">All of it is over.</exception>
    public void Flush() => RandomAccess.FlushToDisk(file);

    public void Delete()
    {
        Dispose();
        File.Delete(path);
    }

    public void Dispose() => file.Dispose();
}
