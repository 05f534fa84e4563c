using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>The refusals by their reasons, in the order of their numbers (docs/decisions/0039).</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261201140000_RefusalsByReason")]
internal sealed class RefusalsByReason : Migration
{
    private const string Refusals = "\"Event\" IN ('sign_in.failed', 'sign_in.refused', 'second_factor.failed', "
        + "'client_authentication.failed', 'grant.refused', 'pin.failed', 'refresh_token.reused', 'code.reused', 'install.refused')";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.CreateIndex("IX_Audit_Event_Detail_Id", "Audit", ["Event", "Detail", "Id"], filter: Refusals);
}
