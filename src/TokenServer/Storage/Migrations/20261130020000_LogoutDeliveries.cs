using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using TokenServer.Storage.Providers;

namespace TokenServer.Storage.Migrations;

/// <summary>The logout tokens that are to be sent, those of sessions too that another application ends (docs/decisions/0032).</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261130020000_LogoutDeliveries")]
internal sealed class LogoutDeliveries : Migration
{
    private const string Table = "LogoutDeliveries";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(Table, t => new
        {
            Id = t.Column<long>().Annotation(DatabaseProvider.GeneratedId, true),
            ApplicationId = t.Column<long>(),
            SessionId = t.Column<long>(),
            Subject = t.Column<string>(),
            CreatedAt = t.Column<DateTime>(),
            NextAttemptAt = t.Column<DateTime>(nullable: true),
            Attempts = t.Column<int>(),
            LastError = t.Column<string>(nullable: true),
            GivenUpAt = t.Column<DateTime>(nullable: true),
        }, constraints: t => t.PrimaryKey($"PK_{Table}", x => x.Id));
        migrationBuilder.CreateIndex($"IX_{Table}_ApplicationId_NextAttemptAt", Table, ["ApplicationId", "NextAttemptAt"]);
        migrationBuilder.Sql(ActiveProvider!.EndsWith("Sqlite", StringComparison.Ordinal)
            ? SqliteTriggers.TellLogouts : PostgreSqlTriggers.TellLogouts);
    }
}
