using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>Whose the kept answers are, so that nobody has any number of them (docs/decisions/0047).</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261201123000_KeptAnswersByOwner")]
internal sealed class KeptAnswersByOwner : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("Owner", "KeptAnswers", nullable: true);
        migrationBuilder.CreateIndex("IX_KeptAnswers_Owner_ExpiresAt", "KeptAnswers", ["Owner", "ExpiresAt"]);
    }
}
