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

    /// <summary>Seals what is in the clear, or under a former master key, under the first.</summary>
    public Task ResealAsync(MasterKey master) => database.WriteAsync(s =>
    {
        foreach (var (name, key) in s.All("""SELECT "FriendlyName", "Xml" FROM "DataProtectionKeys" """, r => (r.GetString(0), XElement.Parse(r.GetString(1)))).Where(k => KeySealing.IsDue(k.Item2, master)))
            s.Execute("""UPDATE "DataProtectionKeys" SET "Xml"=@p1 WHERE "FriendlyName"=@p0""", name, KeySealing.Sealed(key, master).ToString(SaveOptions.DisableFormatting));
    });

    public static void Insert(Statements statements, XElement element, string friendlyName) => statements.Execute(
        """INSERT INTO "DataProtectionKeys" ("FriendlyName", "Xml") VALUES (@p0, @p1)""", friendlyName, element.ToString(SaveOptions.DisableFormatting));
}
