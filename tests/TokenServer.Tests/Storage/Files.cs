using System.Text;

namespace TokenServer.Tests.Storage;

/// <summary>Looks into the database's files as a thief of the disk would.</summary>
internal static class Files
{
    /// <summary>The bytes of the database, its log and its index, one after the other; on PostgreSQL every row of every table as text.</summary>
    public static byte[] OfDatabase(string folder)
    {
        if (TestDatabases.ArePostgres) return Encoding.UTF8.GetBytes(TestDatabases.Dump(folder));
        using var all = new MemoryStream();
        foreach (string path in Directory.GetFiles(folder, "tokenserver.db*"))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.CopyTo(all);
        }
        return all.ToArray();
    }

    /// <summary>Fails where <paramref name="secret"/> is in the bytes as it is, in hexadecimal or in base 64.</summary>
    public static void ShouldNotContain(this byte[] bytes, byte[] secret, string what)
    {
        string base64 = Convert.ToBase64String(secret).TrimEnd('=');
        foreach (byte[] form in (byte[][])[secret, .. new[] { base64, base64.Replace('+', '-').Replace('/', '_'), Convert.ToHexString(secret), Convert.ToHexStringLower(secret) }.Select(Encoding.ASCII.GetBytes)])
            (bytes.AsSpan().IndexOf(form) >= 0).Should().BeFalse("{0} is in the database's files", what);
    }

    public static void ShouldNotContain(this byte[] bytes, string secret, string what) => bytes.ShouldNotContain(Encoding.UTF8.GetBytes(secret), what);
}
