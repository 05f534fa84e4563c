using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>What was shown and may not be shown again, for all replicas together.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261130030000_UsedIds")]
internal sealed class UsedIdsOnce : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("UsedIds", t => new
        {
            Id = t.Column<string>(),
            ExpiresAt = t.Column<DateTime>(),
        }, constraints: t => t.PrimaryKey("PK_UsedIds", x => x.Id));
        migrationBuilder.CreateIndex("IX_UsedIds_ExpiresAt", "UsedIds", "ExpiresAt");
    }
}
