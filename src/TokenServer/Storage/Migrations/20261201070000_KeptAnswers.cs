using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>What forms were answered, for a second post of the same, for all replicas together.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261201070000_KeptAnswers")]
internal sealed class KeptAnswersOnce : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("KeptAnswers", t => new
        {
            Id = t.Column<string>(),
            Sealed = t.Column<string>(nullable: true),
            ExpiresAt = t.Column<DateTime>(),
        }, constraints: t => t.PrimaryKey("PK_KeptAnswers", x => x.Id));
        migrationBuilder.CreateIndex("IX_KeptAnswers_ExpiresAt", "KeptAnswers", "ExpiresAt");
    }
}
