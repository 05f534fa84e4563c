using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>What accounts have allowed clients.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261130010000_Consents")]
internal sealed class Consents : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("Consents", t => new
        {
            AccountId = t.Column<int>(),
            ApplicationId = t.Column<long>(),
            Scopes = t.Column<string>(),
            GrantedAt = t.Column<DateTime>(),
        }, constraints: t => t.PrimaryKey("PK_Consents", x => new { x.AccountId, x.ApplicationId }));
        migrationBuilder.CreateIndex("IX_Consents_ApplicationId", "Consents", "ApplicationId");
    }
}
