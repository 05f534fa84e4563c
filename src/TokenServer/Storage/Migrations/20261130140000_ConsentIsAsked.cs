using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>Until there was a flow through the browser, every client was written as one that never asks, which meant nothing: from here on
/// people are asked, unless the registration says otherwise (contract section 9).</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261130140000_ConsentIsAsked")]
internal sealed class ConsentIsAsked : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        UPDATE "OpenIddictApplications" SET "ConsentType"='explicit'
        WHERE "ConsentType"='implicit' AND coalesce("ApplicationType", '')<>'internal';
        """);
}
