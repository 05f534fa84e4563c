using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>What counts against the limits, for all replicas together.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261121170000_RateMoments")]
internal sealed class RateMoments : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("RateMoments", t => new
        {
            Id = t.Column<long>().Annotation("Sqlite:Autoincrement", true),
            Bucket = t.Column<long>(),
            CountsUntil = t.Column<DateTime>(),
        }, constraints: t => t.PrimaryKey("PK_RateMoments", x => x.Id));
        migrationBuilder.CreateIndex("IX_RateMoments_Bucket_CountsUntil", "RateMoments", ["Bucket", "CountsUntil"]);
        migrationBuilder.CreateIndex("IX_RateMoments_CountsUntil", "RateMoments", "CountsUntil");
    }
}
