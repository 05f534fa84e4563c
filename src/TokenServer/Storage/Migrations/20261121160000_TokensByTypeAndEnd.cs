using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>Gives databases of the first release the index that later ones had from their beginning:
/// expired tokens are found kind by kind.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261121160000_TokensByTypeAndEnd")]
internal sealed class TokensByTypeAndEnd : Migration
{
    // The first migration was changed after the first release, so that either of the two may be there.
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("""DROP INDEX IF EXISTS "IX_OpenIddictTokens_ExpirationDate";""");
        migrationBuilder.Sql(
            """CREATE INDEX IF NOT EXISTS "IX_OpenIddictTokens_Type_ExpirationDate" ON "OpenIddictTokens" ("Type", "ExpirationDate");""");
    }
}
