using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>What replicas on one database share that a single server keeps in files beside it.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261121160000_SharedKeys")]
internal sealed class SharedKeys : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("DataProtectionKeys", t => new
        {
            FriendlyName = t.Column<string>(),
            Xml = t.Column<string>(),
        }, constraints: t => t.PrimaryKey("PK_DataProtectionKeys", x => x.FriendlyName));

        migrationBuilder.CreateTable("AuditSeals", t => new
        {
            Id = t.Column<int>(),
            Sealed = t.Column<string>(),
        }, constraints: t => t.PrimaryKey("PK_AuditSeals", x => x.Id));
    }
}
