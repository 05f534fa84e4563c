using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using TokenServer.Storage.Providers;

namespace TokenServer.Storage.Migrations;

/// <summary>What is revoked says whom it concerns, so that gateways can be told of it (docs/decisions/0037).</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261201020000_RevocationFeed")]
internal sealed class RevocationFeed : Migration
{
    private const string Revocations = "Revocations", Former = "FormerAudiences", Readers = "FeedReaders";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("Kind", Revocations, nullable: true);
        migrationBuilder.AddColumn<string>("ClientId", Revocations, nullable: true);
        migrationBuilder.AddColumn<string>("Audiences", Revocations, nullable: true);
        migrationBuilder.AddColumn<DateTime>("RevokedAt", Revocations, nullable: true);
        migrationBuilder.CreateIndex($"IX_{Revocations}_ClientId", Revocations, "ClientId", filter: "\"Kind\"=2");
        migrationBuilder.CreateTable(Former, t => new
        {
            Id = t.Column<long>().Annotation(DatabaseProvider.GeneratedId, true),
            Listed = t.Column<string>(),
            Until = t.Column<DateTime>(),
        }, constraints: t => t.PrimaryKey($"PK_{Former}", x => x.Id));
        migrationBuilder.CreateIndex($"IX_{Former}_Until", Former, "Until");
        migrationBuilder.CreateTable(Readers, t => new
        {
            ApplicationId = t.Column<long>(),
            Name = t.Column<string>(),
            Acknowledged = t.Column<string>(nullable: true),
            Way = t.Column<string>(),
            CurrentAt = t.Column<DateTime>(nullable: true),
            SeenAt = t.Column<DateTime>(),
        }, constraints: t => t.PrimaryKey($"PK_{Readers}", x => new { x.ApplicationId, x.Name }));
        migrationBuilder.CreateIndex($"IX_{Readers}_SeenAt", Readers, "SeenAt");
        migrationBuilder.Sql(ActiveProvider!.EndsWith("Sqlite", StringComparison.Ordinal)
            ? SqliteTriggers.NoteClientsAndAudiences : PostgreSqlTriggers.NoteClientsAndAudiences);
    }
}
