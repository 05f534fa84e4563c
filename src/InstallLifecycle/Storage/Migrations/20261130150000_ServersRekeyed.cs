using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InstallLifecycle.Storage.Migrations;

/// <summary>When a server registered anew after there were two of it: the wrong one may have come first.</summary>
[DbContext(typeof(InstallLifecycleDbContext))]
[Migration("20261130150000_ServersRekeyed")]
internal sealed class ServersRekeyed : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.AddColumn<DateTime>("RekeyedAt", "InstallServers", nullable: true);
}
