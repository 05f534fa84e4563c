using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>Chains the audit entries from here on, and indexes them for what administrators ask by. Earlier entries stay as they are,
/// outside the chain.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261121140000_AuditChain")]
internal sealed class AuditChain : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("Previous", "Audit", nullable: true);
        migrationBuilder.AddColumn<string>("Hash", "Audit", nullable: true);
        migrationBuilder.CreateIndex("IX_Audit_Event", "Audit", "Event");
        migrationBuilder.CreateIndex("IX_Audit_Actor", "Audit", "Actor");
        migrationBuilder.CreateIndex("IX_Audit_Target", "Audit", "Target");
        migrationBuilder.CreateIndex("IX_Audit_ClientId", "Audit", "ClientId");

        migrationBuilder.CreateTable("AuditHeads", t => new
        {
            Id = t.Column<int>(),
            LastId = t.Column<long>(),
            LastHash = t.Column<string>(),
            OriginId = t.Column<long>(),
            Origin = t.Column<string>(),
            IsSealed = t.Column<bool>(),
        }, constraints: t => t.PrimaryKey("PK_AuditHeads", x => x.Id));
        migrationBuilder.Sql("""
            INSERT INTO "AuditHeads" ("Id", "LastId", "LastHash", "OriginId", "Origin", "IsSealed")
            SELECT 1, coalesce(max("Id"), 0), '', 0, '', 1=0 FROM "Audit";
            """);
    }
}
