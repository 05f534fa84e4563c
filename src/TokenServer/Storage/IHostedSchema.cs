using Microsoft.EntityFrameworkCore.Metadata;
using TokenServer.Storage.Providers;

namespace TokenServer.Storage;

/// <summary>Port: tables of a module that live in the server's database, with migrations of their own.</summary>
internal interface IHostedSchema
{
    /// <summary>Brings them up to date.</summary>
    void Upgrade(Statements writer, DatabaseProvider provider);

    /// <summary>The tables as they are then.</summary>
    IEnumerable<ITable> Tables(Statements statements);
}
