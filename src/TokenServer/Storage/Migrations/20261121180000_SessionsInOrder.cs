using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>Finds an account's, a client's and the ended sessions in the order of the lists: else PostgreSQL may walk through everybody's,
/// the newest first, until a page is full.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261121180000_SessionsInOrder")]
internal sealed class SessionsInOrder : Migration
{
    private const string Table = "OpenIddictAuthorizations";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (string column in (string[])["Subject", "ApplicationId", "Status"])
        {
            migrationBuilder.DropIndex($"IX_{Table}_{column}", Table);
            migrationBuilder.CreateIndex($"IX_{Table}_{column}_Id", Table, [column, "Id"]);
        }
    }
}
