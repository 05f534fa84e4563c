using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>E-mail addresses that wait to be proven.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261201090000_EmailChanges")]
internal sealed class WaitingEmailChanges : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("EmailChanges", t => new
        {
            Id = t.Column<long>(),
            AccountId = t.Column<int>(),
            Email = t.Column<string>(),
            AskedAt = t.Column<DateTime>(),
        }, constraints: t => t.PrimaryKey("PK_EmailChanges", x => x.Id));
        migrationBuilder.CreateIndex("IX_EmailChanges_AccountId", "EmailChanges", "AccountId", unique: true);
    }
}
