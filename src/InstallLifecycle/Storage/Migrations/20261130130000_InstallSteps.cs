using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InstallLifecycle.Storage.Migrations;

/// <summary>The steps of installs, for who watches one.</summary>
[DbContext(typeof(InstallLifecycleDbContext))]
[Migration("20261130130000_InstallSteps")]
internal sealed class InstallSteps : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("InstallSteps", t => new
        {
            Id = t.Column<long>().Annotation("Sqlite:Autoincrement", true),
            Session = t.Column<string>(),
            Hint = t.Column<string>(),
            Name = t.Column<string>(),
            Time = t.Column<DateTime>(),
            Machine = t.Column<string>(nullable: true),
            Key = t.Column<string>(nullable: true),
            Hostname = t.Column<string>(nullable: true),
            Reason = t.Column<string>(nullable: true),
            ActivationId = t.Column<string>(nullable: true),
            IsRestored = t.Column<bool>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_InstallSteps", x => x.Id));
        migrationBuilder.CreateIndex("IX_InstallSteps_Session_Id", "InstallSteps", ["Session", "Id"]);
        migrationBuilder.CreateIndex("IX_InstallSteps_Time", "InstallSteps", "Time");
    }
}
