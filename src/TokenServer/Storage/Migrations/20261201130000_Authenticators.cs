using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>Authenticators in a table of their own, several for an account. The one that an account has goes there, with its sealed secret
/// and its last step; nothing of it is left where it was. Its id is the account's number, which no id of today is as small as.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261201130000_Authenticators")]
internal sealed class Authenticators : Migration
{
    private const string MoveSql = """
        INSERT INTO "Authenticators" ("Id", "AccountId", "Name", "Secret", "IsProven", "LastStep")
        SELECT "Id", "Id", 'Authenticator app', "TotpSecret", "TwoFactorEnabled", "TotpLastStep" FROM "AspNetUsers"
        WHERE "TotpSecret" IS NOT NULL;
        """;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("Authenticators", t => new
        {
            Id = t.Column<long>(),
            AccountId = t.Column<int>(),
            Name = t.Column<string>(),
            Secret = t.Column<string>(),
            IsProven = t.Column<bool>(),
            LastStep = t.Column<long>(),
            CreatedAt = t.Column<DateTime>(nullable: true),
            LastUsedAt = t.Column<DateTime>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_Authenticators", x => x.Id));
        migrationBuilder.CreateIndex("IX_Authenticators_AccountId", "Authenticators", "AccountId");
        migrationBuilder.Sql(MoveSql);
        // In words of its own: for SQLite, EF would make the table anew.
        migrationBuilder.Sql("""ALTER TABLE "AspNetUsers" DROP COLUMN "TotpSecret";""");
        migrationBuilder.Sql("""ALTER TABLE "AspNetUsers" DROP COLUMN "TotpLastStep";""");
    }
}
