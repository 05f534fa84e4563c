using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>Finds the sessions of a client, and those that have ended, for administrators.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261121150000_SessionsByClient")]
internal sealed class SessionsByClient : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateIndex("IX_OpenIddictAuthorizations_ApplicationId", "OpenIddictAuthorizations", "ApplicationId");
        migrationBuilder.CreateIndex("IX_OpenIddictAuthorizations_Status", "OpenIddictAuthorizations", "Status");
    }
}
