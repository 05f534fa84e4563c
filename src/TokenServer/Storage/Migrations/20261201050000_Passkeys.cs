using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage.Migrations;

/// <summary>Passkeys of accounts.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261201050000_Passkeys")]
internal sealed class Passkeys : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("Passkeys", t => new
        {
            Id = t.Column<long>(),
            AccountId = t.Column<int>(),
            CredentialId = t.Column<string>(),
            PublicKey = t.Column<string>(),
            SignCount = t.Column<long>(),
            Name = t.Column<string>(),
            IsSynced = t.Column<bool>(),
            Transports = t.Column<string>(),
            CreatedAt = t.Column<DateTime>(),
            LastUsedAt = t.Column<DateTime>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_Passkeys", x => x.Id));
        migrationBuilder.CreateIndex("IX_Passkeys_AccountId", "Passkeys", "AccountId");
        migrationBuilder.CreateIndex("IX_Passkeys_CredentialId", "Passkeys", "CredentialId", unique: true);
    }
}
