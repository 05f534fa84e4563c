using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace TokenServer.Tokens.Dpop;

/// <summary>The proofs that are over in one stretch of time: a set in memory, and a file of 8 bytes each. Only <see cref="Write"/>
/// and <see cref="Flush"/> may run beside others.</summary>
internal sealed class UsedInStretch : IDisposable
{
    /// <summary>What the name of a file ends with that is not whole yet.</summary>
    public const string Unfinished = ".new";

    private const int Size = sizeof(ulong);
    private readonly string path;
    private readonly HashSet<ulong> ids = [];
    private volatile SafeFileHandle file;
    private volatile bool isBroken;
    private long end, written, flushed;

    /// <summary>Opens a file, or makes one, and reads what is in it.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public UsedInStretch(string path)
    {
        this.path = path;
        file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        bool isRead = false;
        try
        {
            Read();
            isRead = true;
        }
        finally
        {
            if (!isRead) file.Dispose();
        }
    }

    public int Count => ids.Count;

    /// <summary>The disk did not take what was written: what the file has is not known, until all was written anew.</summary>
    public bool IsBroken => isBroken;

    /// <summary>Whether something was written that the disk was not made to take yet.</summary>
    public bool IsDue => isBroken || Interlocked.Read(ref flushed) != Interlocked.Read(ref written);

    public bool Has(ulong id) => ids.Contains(id);

    /// <summary>Where it belongs in the file.</summary>
    public long Add(ulong id)
    {
        ids.Add(id);
        end += Size;
        return end - Size;
    }

    /// <summary>One that nobody was told of as good.</summary>
    public void Forget(ulong id) => ids.Remove(id);

    /// <summary>All of them, for <see cref="Flush"/> where the file is broken.</summary>
    public ulong[] All() => [.. ids];

    /// <exception cref="IOException">There is no room.</exception>
    public void Write(ulong id, long place)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, id);
        RandomAccess.Write(file, bytes, place);
        Interlocked.Increment(ref written);
    }

    /// <summary>Has the disk take what was written; a broken file gives its place to one with <paramref name="all"/>.</summary>
    /// <exception cref="IOException">It does not.</exception>
    /// <exception cref="ObjectDisposedException">All of it is over.</exception>
    public void Flush(ulong[] all)
    {
        // What is written from here on is for the next time.
        long now = Interlocked.Read(ref written);
        bool isTaken = false;
        try
        {
            if (isBroken) WriteAnew(all);
            else RandomAccess.FlushToDisk(file);
            Interlocked.Exchange(ref flushed, now);
            isTaken = true;
        }
        finally
        {
            isBroken = !isTaken;
        }
    }

    public void Delete()
    {
        Dispose();
        File.Delete(path);
    }

    public void Dispose() => file.Dispose();

    private void Read()
    {
        byte[] content = new byte[RandomAccess.GetLength(file) / Size * Size];
        int read = 0;
        while (read < content.Length && RandomAccess.Read(file, content.AsSpan(read), read) is var more and > 0) read += more;
        for (; end + Size <= read; end += Size)
            if (BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan((int)end)) is var id and not 0) ids.Add(id);
    }

    // A disk that failed once may say the next time that it has taken what it forgot.
    private void WriteAnew(ulong[] all)
    {
        byte[] content = new byte[all.Length * Size];
        for (int i = 0; i < all.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(i * Size), all[i]);
        file.Dispose();
        using (var anew = File.OpenHandle(path + Unfinished, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(anew, content, 0);
            RandomAccess.FlushToDisk(anew);
        }
        File.Move(path + Unfinished, path, overwrite: true);
        file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
    }
}
