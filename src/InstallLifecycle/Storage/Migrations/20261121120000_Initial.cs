using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InstallLifecycle.Storage.Migrations;

/// <summary>The first schema: codes, activations, attempts, servers, keys.</summary>
[DbContext(typeof(InstallLifecycleDbContext))]
[Migration("20261121120000_Initial")]
internal sealed class Initial : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("InstallCodes", t => new
        {
            Id = t.Column<long>().Annotation("Sqlite:Autoincrement", true),
            Hash = t.Column<string>(),
            Hint = t.Column<string>(),
            Status = t.Column<string>(),
            IssuedAt = t.Column<DateTime>(),
            ExpiresAt = t.Column<DateTime>(),
            EndedAt = t.Column<DateTime>(nullable: true),
            AddressKey = t.Column<string>(),
            Session = t.Column<string>(),
            Fingerprint = t.Column<string>(),
            MachineId = t.Column<string>(nullable: true),
            SshFingerprint = t.Column<string>(nullable: true),
            Binding = t.Column<int>(),
            Version = t.Column<int>(),
        }, constraints: t => t.PrimaryKey("PK_InstallCodes", x => x.Id));
        migrationBuilder.CreateIndex("IX_InstallCodes_Hash", "InstallCodes", "Hash", unique: true);
        migrationBuilder.CreateIndex("IX_InstallCodes_AddressKey_IssuedAt", "InstallCodes", ["AddressKey", "IssuedAt"]);
        migrationBuilder.CreateIndex("IX_InstallCodes_Session_IssuedAt", "InstallCodes", ["Session", "IssuedAt"]);
        migrationBuilder.CreateIndex("IX_InstallCodes_Fingerprint_IssuedAt", "InstallCodes", ["Fingerprint", "IssuedAt"]);
        migrationBuilder.CreateIndex("IX_InstallCodes_Status_ExpiresAt", "InstallCodes", ["Status", "ExpiresAt"]);
        migrationBuilder.CreateIndex("IX_InstallCodes_EndedAt", "InstallCodes", "EndedAt");

        migrationBuilder.CreateTable("InstallActivations", t => new
        {
            Id = t.Column<long>().Annotation("Sqlite:Autoincrement", true),
            ActivationId = t.Column<string>(),
            CodeId = t.Column<long>(),
            Status = t.Column<string>(),
            MachineId = t.Column<string>(),
            SshFingerprint = t.Column<string>(),
            Hostname = t.Column<string>(),
            PublicIp = t.Column<string>(),
            RequestedRef = t.Column<string>(),
            InstallerVersion = t.Column<string>(),
            ActivatedAt = t.Column<DateTime>(),
            ExpiresAt = t.Column<DateTime>(),
            EndedAt = t.Column<DateTime>(nullable: true),
            ClientId = t.Column<string>(nullable: true),
            Repeats = t.Column<int>(),
            Version = t.Column<int>(),
        }, constraints: t => t.PrimaryKey("PK_InstallActivations", x => x.Id));
        migrationBuilder.CreateIndex("IX_InstallActivations_ActivationId", "InstallActivations", "ActivationId", unique: true);
        migrationBuilder.CreateIndex("IX_InstallActivations_CodeId_Status", "InstallActivations", ["CodeId", "Status"]);
        migrationBuilder.CreateIndex("IX_InstallActivations_Status_ExpiresAt", "InstallActivations", ["Status", "ExpiresAt"]);
        migrationBuilder.CreateIndex("IX_InstallActivations_EndedAt", "InstallActivations", "EndedAt");

        migrationBuilder.CreateTable("InstallAttempts", t => new
        {
            Id = t.Column<long>().Annotation("Sqlite:Autoincrement", true),
            Time = t.Column<DateTime>(),
            AddressKey = t.Column<string>(),
            MachineId = t.Column<string>(),
        }, constraints: t => t.PrimaryKey("PK_InstallAttempts", x => x.Id));
        migrationBuilder.CreateIndex("IX_InstallAttempts_AddressKey_Time", "InstallAttempts", ["AddressKey", "Time"]);
        migrationBuilder.CreateIndex("IX_InstallAttempts_MachineId_Time", "InstallAttempts", ["MachineId", "Time"]);
        migrationBuilder.CreateIndex("IX_InstallAttempts_Time", "InstallAttempts", "Time");

        migrationBuilder.CreateTable("InstallServers", t => new
        {
            Id = t.Column<long>().Annotation("Sqlite:Autoincrement", true),
            ServerId = t.Column<string>(),
            ActivationId = t.Column<long>(),
            TokenHash = t.Column<string>(),
            TokenCreatedAt = t.Column<DateTime>(),
            Hostname = t.Column<string>(),
            PublicIp = t.Column<string>(),
            AgentVersion = t.Column<string>(),
            RegisteredAt = t.Column<DateTime>(),
            LastCheckinAt = t.Column<DateTime>(nullable: true),
            RevokedAt = t.Column<DateTime>(nullable: true),
            Registrations = t.Column<int>(),
            Version = t.Column<int>(),
        }, constraints: t => t.PrimaryKey("PK_InstallServers", x => x.Id));
        migrationBuilder.CreateIndex("IX_InstallServers_ServerId", "InstallServers", "ServerId", unique: true);
        migrationBuilder.CreateIndex("IX_InstallServers_ActivationId", "InstallServers", "ActivationId", unique: true);
        migrationBuilder.CreateIndex("IX_InstallServers_RevokedAt", "InstallServers", "RevokedAt");

        migrationBuilder.CreateTable("InstallKeys", t => new
        {
            KeyId = t.Column<string>(),
            Purpose = t.Column<string>(),
            Sealed = t.Column<string>(),
            CreatedAt = t.Column<DateTime>(),
            RetiredAt = t.Column<DateTime>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_InstallKeys", x => x.KeyId));
    }
}
