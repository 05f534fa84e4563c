using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InstallLifecycle.Storage.Migrations;

/// <summary>Host-key proofs, reasons of releases, receipts and their keys, the ratchet of check-ins (contract section 5b).</summary>
[DbContext(typeof(InstallLifecycleDbContext))]
[Migration("20261130120000_InstallProofs")]
internal sealed class InstallProofs : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<bool>("HostKeyProven", "InstallActivations", nullable: false, defaultValue: false);
        foreach (string text in (string[])["ReleaseReason", "Receipt"])
            migrationBuilder.AddColumn<string>(text, "InstallActivations", nullable: true);
        foreach (string text in (string[])["CheckinKeyHash", "UsedKeyHash", "CheckinSalt", "CheckinNonceHash"])
            migrationBuilder.AddColumn<string>(text, "InstallServers", nullable: true);
        foreach (string time in (string[])["CloneSuspectedAt", "RekeyAllowedAt"])
            migrationBuilder.AddColumn<DateTime>(time, "InstallServers", nullable: true);
        migrationBuilder.CreateTable("InstallReceiptKeys", t => new
        {
            KeyId = t.Column<string>(),
            Jwk = t.Column<string>(),
            CreatedAt = t.Column<DateTime>(),
            RevokedAt = t.Column<DateTime>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_InstallReceiptKeys", x => x.KeyId));
    }
}
