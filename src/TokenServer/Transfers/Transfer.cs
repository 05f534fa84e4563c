using System.Data.Common;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using TokenServer.Audit;
using TokenServer.Hosting;
using TokenServer.Protection;
using TokenServer.Storage;
using TokenServer.Storage.Providers;
using TokenServer.Telemetry;

namespace TokenServer.Transfers;

/// <summary>
/// Moves a server from a file to a database that replicas share: every row and every key, in one transaction, compared before it is committed.
/// Nothing writes to the file meanwhile, and it stays as it is.
/// </summary>
internal sealed class Transfer(DatabaseProvider from, Database opened, IEnumerable<IHostedSchema> schemas, DataDirectory directory, MasterKey master, ILoggerFactory loggers, Instruments instruments, TimeProvider clock)
{
    /// <summary>Copies everything.</summary>
    /// <param name="target">Where to: an empty database.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="report">Is told each table that was copied.</param>
    /// <exception cref="TransferException">The target is not empty, or does not hold what was written.</exception>
    /// <exception cref="SettingException">The target cannot be used.</exception>
    public async Task RunAsync(DatabaseProvider target, Actor actor, Action<CopiedTable> report)
    {
        if (from.IsShared || !target.IsShared) throw new TransferException("a transfer goes from a database file to a database that replicas share");
        // Noted where it is copied from, so that the copy's trail says where it came from.
        await opened.WriteAsync(s => AuditTrail.Append(s, new AuditEvent("database.transferred", clock.GetUtcNow().UtcDateTime) { Actor = actor.Name, Address = actor.Address }));
        // Makes the tables.
        using (new Database(target, schemas, instruments))
        {
        }
        using Statements source = new(from), sink = new(target);
        source.Execute(from.BeginAlone);
        sink.Execute(target.BeginAlone);
        try
        {
            foreach (var table in Tables(source)) report(Copy(table, source, sink));
            CopyKeys(sink);
            sink.Commit();
        }
        catch (DbException e)
        {
            throw new TransferException($"the databases cannot be used: {e.Message}", e);
        }
        finally
        {
            source.RollBack();
        }
    }

    private IEnumerable<TransferTable> Tables(Statements source)
    {
        using var context = source.Context();
        return [.. context.Model.GetRelationalModel().Tables.Concat(schemas.SelectMany(s => s.Tables(source))).Select(t => new TransferTable(t)).OrderBy(t => t.Name, StringComparer.Ordinal)];
    }

    private static CopiedTable Copy(TransferTable table, Statements source, Statements sink)
    {
        // The one row that the schema comes with.
        if (table.Name == "AuditHeads") sink.Execute("""DELETE FROM "AuditHeads" WHERE "LastId"=0""");
        if (sink.First($"""SELECT 1 FROM "{table.Name}" """, _ => "") is not null) throw new TransferException($"the target is in use: {table.Name} is not empty");
        using Fingerprint written = new(), read = new();
        sink.Insert(table.Name, table.Columns, table.Rows(source).Select(row =>
        {
            written.Add(row);
            return row;
        }));
        foreach (object?[] row in table.Rows(sink)) read.Add(row);
        if ((written.Rows, written.Sum) != (read.Rows, read.Sum)) throw new TransferException($"{table.Name}: {written.Rows} rows ({written.Sum}) were written and {read.Rows} ({read.Sum}) are there");
        // An id that was given out and deleted is not given out again.
        if (table.Generated is { } column) sink.ContinueAfter(table.Name, column, source.All("SELECT \"seq\" FROM sqlite_sequence WHERE \"name\"=@p0", r => r.GetInt64(0), table.Name).FirstOrDefault());
        return new CopiedTable(table.Name, read.Rows, read.Sum);
    }

    private void CopyKeys(Statements sink)
    {
        string folder = directory.Resolve("keys"), seal = Path.Combine(folder, AuditSeal.FileName);
        foreach (var key in new FileSystemXmlRepository(new DirectoryInfo(folder), loggers).GetAllElements())
            StoredProtectionKeys.Insert(sink, key, NameOf(key), master);
        if (File.Exists(seal)) sink.Execute("""INSERT INTO "AuditSeals" ("Id", "Sealed") VALUES (1, @p0)""", File.ReadAllText(seal));
    }

    private static string NameOf(XElement key) => $"{key.Name.LocalName}-{key.Attribute("id")?.Value ?? key.Element("key")?.Attribute("id")?.Value ?? Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key.ToString())))}";
}

/// <summary>A table that was copied and compared.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Sum">The sum of their SHA-256, hexadecimal, the same on both sides.</param>
internal sealed record CopiedTable(string Name, long Rows, string Sum);

/// <summary>A transfer cannot be made; nothing was changed. The message says why and is for the operator.</summary>
internal sealed class TransferException(string problem, Exception? cause = null) : Exception(problem, cause);
