using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>What API keys are for, until when, and from where they were used last. Those from before are for everything, without an
/// end.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261201080000_ApiKeyScopes")]
internal sealed class ApiKeyScopes : Migration
{
    private const string Keys = "ApiKeys";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("Scope", Keys, nullable: true);
        migrationBuilder.AddColumn<DateTime>("ExpiresAt", Keys, nullable: true);
        migrationBuilder.AddColumn<string>("LastAddress", Keys, nullable: true);
    }
}
