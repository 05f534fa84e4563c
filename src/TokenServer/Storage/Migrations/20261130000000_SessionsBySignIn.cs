using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>Tells which browser's sign-in a session was begun from, and finds those of a sign-in (docs/decisions/0032).</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261130000000_SessionsBySignIn")]
internal sealed class SessionsBySignIn : Migration
{
    private const string Table = "OpenIddictAuthorizations", Column = "SignInId";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<long>(Column, Table, nullable: true);
        // Most sessions have none, and no part in it.
        migrationBuilder.CreateIndex($"IX_{Table}_{Column}", Table, Column, filter: $"\"{Column}\" IS NOT NULL");
    }
}
