using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using TokenServer.Audit;
using TokenServer.Foundation;
using TokenServer.Protection;
using TokenServer.Storage;
using TokenServer.Storage.Providers;
using TokenServer.Telemetry;

namespace TokenServer.Transfers;

/// <summary>Moves a server from a file to a database that replicas share: every row and every key, in one transaction,
/// compared before it is committed.
/// Nothing writes to the file meanwhile, and it stays as it is, but for a note of the transfer in the audit trail and a mark.</summary>
internal sealed class Transfer(DatabaseProvider from, IEnumerable<IHostedSchema> schemas,
    DataDirectory directory, MasterKey master, ILoggerFactory loggers, Instruments instruments, TimeProvider clock)
{
    // Written to the file after it was copied.
    private const string Marker = "transferred";

    /// <summary>Whether the database is a file whose content was copied elsewhere: what was revoked there since is good here.</summary>
    public static bool WasMade(Database database) =>
        database.Read(s => s.First("""SELECT 1 FROM "Versions" WHERE "Name"=@p0""", _ => "", Marker)) is not null;

    /// <summary>Copies everything.</summary>
    /// <param name="target">Where to: an empty database.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="report">Is told each table that was copied.</param>
    /// <exception cref="TransferException">The target is not empty, or does not hold what was written.</exception>
    /// <exception cref="SettingException">The target cannot be used.</exception>
    public void Run(DatabaseProvider target, Actor actor, Action<CopiedTable> report)
    {
        if (from.IsShared || !target.IsShared)
            throw new TransferException("a transfer goes from a database file to a database that replicas share");
        // Makes the tables.
        using (new Database(target, schemas, instruments))
        {
        }
        try
        {
            using Statements source = new(from), sink = new(target);
            Copy(source, sink, target, new AuditEvent("database.transferred", clock.GetUtcNow().UtcDateTime, actor), report);
        }
        catch (DbException e)
        {
            throw new TransferException($"the databases cannot be used: {e.Message}", e);
        }
    }

    private void Copy(Statements source, Statements sink, DatabaseProvider target, AuditEvent note, Action<CopiedTable> report)
    {
        // Before the transactions: to put the models together takes a while, and the target ends one that does nothing.
        var tables = Tables(source);
        source.Execute(from.BeginAlone);
        try
        {
            sink.Execute(target.BeginAlone);
            // Noted before it is copied, so that the copy's trail says where it came from.
            AuditTrail.Append(source, note);
            foreach (var table in tables) report(Told(table, source, sink));
            CopyKeys(sink);
            Versions.Bump(source, Marker);
            sink.Commit();
            source.Commit();
        }
        finally
        {
            source.RollBack();
        }
    }

    private IEnumerable<TransferTable> Tables(Statements source)
    {
        using var context = source.Context();
        return [.. context.Model.GetRelationalModel().Tables.Concat(schemas.SelectMany(s => s.Tables(source)))
            .Select(t => new TransferTable(t)).OrderBy(t => t.Depth).ThenBy(t => t.Name, StringComparer.Ordinal)];
    }

    private static CopiedTable Told(TransferTable table, Statements source, Statements sink)
    {
        try
        {
            return Copy(table, source, sink);
        }
        // What SQLite takes in any column, PostgreSQL and this server do not.
        catch (Exception e) when (e is DbException or FormatException or InvalidCastException or OverflowException or ArgumentException)
        {
            throw new TransferException($"{table.Name} cannot be copied: {e.Message}", e);
        }
    }

    private static CopiedTable Copy(TransferTable table, Statements source, Statements sink)
    {
        // The one row that the schema comes with.
        if (table.Name == "AuditHeads") sink.Execute("""DELETE FROM "AuditHeads" WHERE "LastId"=0""");
        // Counted by the triggers of the tables that were copied before.
        if (table.Name == "Versions") sink.Execute("""DELETE FROM "Versions" WHERE "Name" IN ('clients', 'scopes')""");
        if (sink.First($"""SELECT 1 FROM "{table.Name}" """, _ => "") is not null)
            throw new TransferException($"the target is in use: {table.Name} is not empty");
        Fingerprint written = new(), read = new();
        sink.Insert(table.Name, table.Columns, table.Rows(source).Select(row =>
        {
            written.Add(row);
            return row;
        }));
        foreach (object?[] row in table.Rows(sink)) read.Add(row);
        if ((written.Rows, written.Sum) != (read.Rows, read.Sum))
            throw new TransferException(
                $"{table.Name}: {written.Rows} rows ({written.Sum}) were written and {read.Rows} ({read.Sum}) are there");
        // An id that was given out and deleted is not given out again.
        if (table.Key is { } key && source.LastGivenOut(table.Name) is { } last) sink.ContinueAfter(table.Name, key, last);
        // Else it would not know for a while how much there is, and search accordingly.
        sink.Execute($"""ANALYZE "{table.Name}" """);
        return new CopiedTable(table.Name, read.Rows, read.Sum);
    }

    private void CopyKeys(Statements sink)
    {
        string folder = directory.Resolve("keys"), seal = Path.Combine(folder, AuditSeal.FileName);
        foreach (var key in new FileSystemXmlRepository(new DirectoryInfo(folder), loggers).GetAllElements())
            StoredProtectionKeys.Insert(sink, key, NameOf(key), master);
        if (File.Exists(seal)) sink.Execute("""INSERT INTO "AuditSeals" ("Id", "Sealed") VALUES (1, @p0)""", File.ReadAllText(seal));
    }

    private static string NameOf(XElement key)
    {
        string? id = key.Attribute("id")?.Value ?? key.Element("key")?.Attribute("id")?.Value;
        return $"{key.Name.LocalName}-{id ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())))}";
    }
}

/// <summary>A table that was copied and compared.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Sum">The sum of their SHA-256, hexadecimal, the same on both sides.</param>
internal sealed record CopiedTable(string Name, long Rows, string Sum);

/// <summary>A transfer cannot be made; nothing was changed. The message says why and is for the operator.</summary>
internal sealed class TransferException(string problem, Exception? cause = null) : Exception(problem, cause);
