using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>Tunnels and API keys of accounts.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261121010000_TunnelsAndApiKeys")]
internal sealed class TunnelsAndApiKeys : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("Tunnels", t => new
        {
            Id = t.Column<int>().Annotation("Sqlite:Autoincrement", true),
            AccountId = t.Column<int>(),
            Name = t.Column<string>(),
            NormalizedName = t.Column<string>(),
            TokenId = t.Column<long>(),
            TokenHash = t.Column<string>(),
            TokenHint = t.Column<string>(),
            CreatedAt = t.Column<DateTime>(),
            TokenCreatedAt = t.Column<DateTime>(),
            LastUsedAt = t.Column<DateTime>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_Tunnels", x => x.Id));
        migrationBuilder.CreateIndex("IX_Tunnels_AccountId_NormalizedName", "Tunnels", ["AccountId", "NormalizedName"], unique: true);
        migrationBuilder.CreateIndex("IX_Tunnels_TokenId", "Tunnels", "TokenId", unique: true);

        migrationBuilder.CreateTable("ApiKeys", t => new
        {
            Id = t.Column<long>(),
            AccountId = t.Column<int>(),
            Name = t.Column<string>(),
            Hash = t.Column<string>(),
            CreatedAt = t.Column<DateTime>(),
            LastUsedAt = t.Column<DateTime>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_ApiKeys", x => x.Id));
        migrationBuilder.CreateIndex("IX_ApiKeys_AccountId", "ApiKeys", "AccountId");
        migrationBuilder.CreateIndex("IX_ApiKeys_Hash", "ApiKeys", "Hash", unique: true);
    }
}
