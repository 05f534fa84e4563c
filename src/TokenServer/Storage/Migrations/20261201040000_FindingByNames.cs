using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>What lists are searched by: names of accounts whatever their case, addresses of sessions, and the audit trail in the order of
/// its numbers by each of its words (docs/decisions/0039).</summary>
[DbContext(typeof(ServerDbContext))]
[Migration(Id)]
internal sealed class FindingByNames : Migration
{
    /// <summary>Beside its statements, <see cref="AccountName.FoldAll"/> belongs to it.</summary>
    public const string Id = "20261201040000_FindingByNames";

    private const string Sessions = "OpenIddictAuthorizations", Audit = "Audit", Address = "Address";

    private const string Refusals = "\"Event\" IN ('sign_in.failed', 'sign_in.refused', 'second_factor.failed', "
        + "'client_authentication.failed', 'grant.refused', 'pin.failed', 'refresh_token.reused', 'code.reused', 'install.refused')";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        bool isSqlite = ActiveProvider!.EndsWith("Sqlite", StringComparison.Ordinal);
        migrationBuilder.AddColumn<string>("NormalizedName", "AspNetUsers", nullable: true);
        migrationBuilder.AddColumn<string>(Address, Sessions, nullable: true);
        // An address is found by its beginning, for which it has to be in the order of its characters.
        if (!isSqlite)
            foreach (string table in (string[])[Sessions, Audit])
                migrationBuilder.Sql($"""ALTER TABLE "{table}" ALTER COLUMN "{Address}" TYPE text COLLATE "C";""");
        migrationBuilder.Sql(isSqlite ? """
            UPDATE "OpenIddictAuthorizations" SET "Address"=json_extract("Properties", '$.address') WHERE json_valid("Properties");
            """ : """
            UPDATE "OpenIddictAuthorizations" SET "Address"=substring("Properties" from '"address":"([^"\\]*)"')
            WHERE "Properties" LIKE '%"address":"%';
            """);
        migrationBuilder.CreateIndex($"IX_{Sessions}_{Address}_Id", Sessions, [Address, "Id"]);
        foreach (string column in (string[])["Event", "Actor", "Target", "ClientId"])
        {
            migrationBuilder.DropIndex($"IX_{Audit}_{column}", Audit);
            migrationBuilder.CreateIndex($"IX_{Audit}_{column}_Id", Audit, [column, "Id"]);
        }
        migrationBuilder.CreateIndex($"IX_{Audit}_{Address}_Id", Audit, [Address, "Id"]);
        migrationBuilder.CreateIndex($"IX_{Audit}_Time_Event_Detail", Audit, ["Time", "Event", "Detail"], filter: Refusals);
        migrationBuilder.CreateIndex($"IX_{Audit}_ClientId_Time", Audit, ["ClientId", "Time"], filter: Refusals);
    }
}
