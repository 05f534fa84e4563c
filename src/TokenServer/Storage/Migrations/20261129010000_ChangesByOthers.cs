using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using TokenServer.Storage.Providers;

namespace TokenServer.Storage.Migrations;

/// <summary>What another application changes in OpenIddict's tables, which knows nothing of ours, reaches every process
/// (docs/decisions/0020).</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261129010000_ChangesByOthers")]
internal sealed class ChangesByOthers : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(ActiveProvider!.EndsWith("Sqlite", StringComparison.Ordinal)
            ? SqliteTriggers.Create : PostgreSqlTriggers.Create);
}
