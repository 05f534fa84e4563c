using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>Finds OpenIddict's own entries (device codes, user codes, pushed requests) by their reference.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261129000000_TokensByReference")]
internal sealed class TokensByReference : Migration
{
    private const string Table = "OpenIddictTokens", Column = "ReferenceId";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.CreateIndex($"IX_{Table}_{Column}", Table, Column, unique: true, filter: $"\"{Column}\" IS NOT NULL");
}
