using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Providers;

namespace TokenServer.Protection;

/// <summary>The Data Protection keys in the database, for all replicas; each sealed as a whole where there is a <see cref="MasterKey"/>.
/// Then a key that the master key does not open is none: who can write to the database alone cannot bring in one of his own.</summary>
internal sealed partial class StoredProtectionKeys(Func<Database> database, DatabaseProvider provider,
    MasterKey master, ILogger<StoredProtectionKeys> logger) : IXmlRepository
{
    private const string Sealed = "sealed";

    public IReadOnlyCollection<XElement> GetAllElements() => [.. Stored().Select(k => Open(k.Name, k.Xml)).OfType<XElement>()];

    // On a connection of its own: a key may fall due in the middle of an operation that writes, which cannot wait for another.
    public void StoreElement(XElement element, string friendlyName)
    {
        using var statements = new Statements(provider);
        Insert(statements, element, friendlyName, master);
    }

    /// <summary>Seals those that are stored in the clear, or under a former master key, under the first: the number of them.
    /// For who has seen to it that they are the server's own.</summary>
    /// <exception cref="SettingException">There is no master key, or none opens one of them.</exception>
    public Task<int> SealAsync()
    {
        if (!master.IsSet) throw new SettingException("TokenServer:MasterKey", "there is none to seal with");
        return database().WriteAsync(s =>
        {
            var due = Stored(s).Where(k => k.Xml.Name != Sealed || !master.IsUnderFirst(Bytes(k.Xml))).ToList();
            foreach (var (name, xml) in due)
                s.Execute("""UPDATE "DataProtectionKeys" SET "Xml"=@p1 WHERE "FriendlyName"=@p0""",
                    name, Text(xml.Name == Sealed ? Parse(master.Open(Bytes(xml))) : xml, master));
            return due.Count;
        });
    }

    /// <summary>Stores a key.</summary>
    public static void Insert(Statements statements, XElement element, string friendlyName, MasterKey master) =>
        statements.Execute("""INSERT INTO "DataProtectionKeys" ("FriendlyName", "Xml") VALUES (@p0, @p1)""",
            friendlyName, Text(element, master));

    private XElement? Open(string name, XElement stored)
    {
        if (stored.Name == Sealed) return Parse(master.Open(Bytes(stored)));
        if (!master.IsSet) return stored;
        Log.NotSealed(logger, name);
        return null;
    }

    private List<(string Name, XElement Xml)> Stored() => database().Read(Stored);

    private static List<(string Name, XElement Xml)> Stored(Statements s) =>
        s.All("""SELECT "FriendlyName", "Xml" FROM "DataProtectionKeys" ORDER BY "FriendlyName" """,
            r => (r.GetString(0), XElement.Parse(r.GetString(1))));

    private static string Text(XElement key, MasterKey master)
    {
        string text = key.ToString(SaveOptions.DisableFormatting);
        return master.IsSet ? new XElement(Sealed, Convert.ToBase64String(master.Seal(Encoding.UTF8.GetBytes(text)))).ToString() : text;
    }

    private static byte[] Bytes(XElement stored) => Convert.FromBase64String(stored.Value);

    private static XElement Parse(byte[] text) => XElement.Parse(Encoding.UTF8.GetString(text));

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message =
            "The stored Data Protection key {Name} is not sealed under TokenServer:MasterKey and is not used. "
            + "If it is this server's, from before there was a master key, run: TokenServer keys seal")]
        public static partial void NotSealed(ILogger logger, string name);
    }
}
