using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using TokenServer.Storage;
using TokenServer.Storage.Providers;

namespace TokenServer.Protection;

/// <summary>The Data Protection keys in the database, for all replicas.</summary>
internal sealed class StoredProtectionKeys(Database database, DatabaseProvider provider) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() =>
        database.Read(s => s.All("""SELECT "Xml" FROM "DataProtectionKeys" ORDER BY "FriendlyName" """, r => XElement.Parse(r.GetString(0))));

    // On a connection of its own: a key may fall due in the middle of an operation that writes, which cannot wait for another.
    public void StoreElement(XElement element, string friendlyName)
    {
        using var statements = new Statements(provider);
        Insert(statements, element, friendlyName);
    }

    public static void Insert(Statements statements, XElement element, string friendlyName) => statements.Execute(
        """INSERT INTO "DataProtectionKeys" ("FriendlyName", "Xml") VALUES (@p0, @p1)""", friendlyName, element.ToString(SaveOptions.DisableFormatting));
}
