using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Migrations.Operations.Builders;

namespace TokenServer.Storage.Migrations;

/// <summary>The first schema. No provider types are named: SQLite and PostgreSQL each choose their own.</summary>
[DbContext(typeof(ServerDbContext))]
[Migration("20261121000000_Initial")]
internal sealed class Initial : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        CreateOpenIddictTables(migrationBuilder);
        CreateIdentityTables(migrationBuilder);
        CreateOwnTables(migrationBuilder);
    }

    private static void CreateOpenIddictTables(MigrationBuilder schema)
    {
        schema.CreateTable("OpenIddictApplications", t => new
        {
            Id = t.Column<long>(),
            ApplicationType = t.Column<string>(nullable: true),
            ClientId = t.Column<string>(nullable: true),
            ClientSecret = t.Column<string>(nullable: true),
            ClientType = t.Column<string>(nullable: true),
            ConcurrencyToken = t.Column<string>(nullable: true),
            ConsentType = t.Column<string>(nullable: true),
            DisplayName = t.Column<string>(nullable: true),
            DisplayNames = t.Column<string>(nullable: true),
            JsonWebKeySet = t.Column<string>(nullable: true),
            Permissions = t.Column<string>(nullable: true),
            PostLogoutRedirectUris = t.Column<string>(nullable: true),
            Properties = t.Column<string>(nullable: true),
            RedirectUris = t.Column<string>(nullable: true),
            Requirements = t.Column<string>(nullable: true),
            Settings = t.Column<string>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_OpenIddictApplications", x => x.Id));
        schema.CreateIndex("IX_OpenIddictApplications_ClientId", "OpenIddictApplications", "ClientId", unique: true);

        schema.CreateTable("OpenIddictAuthorizations", t => new
        {
            Id = t.Column<long>(),
            ApplicationId = t.Column<long>(nullable: true),
            ConcurrencyToken = t.Column<string>(nullable: true),
            CreationDate = t.Column<DateTime>(nullable: true),
            Properties = t.Column<string>(nullable: true),
            Scopes = t.Column<string>(nullable: true),
            Status = t.Column<string>(nullable: true),
            Subject = t.Column<string>(nullable: true),
            Type = t.Column<string>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_OpenIddictAuthorizations", x => x.Id));
        schema.CreateIndex("IX_OpenIddictAuthorizations_Subject", "OpenIddictAuthorizations", "Subject");
        schema.CreateIndex("IX_OpenIddictAuthorizations_Type_CreationDate", "OpenIddictAuthorizations", ["Type", "CreationDate"]);

        schema.CreateTable("OpenIddictScopes", t => new
        {
            Id = t.Column<long>(),
            ConcurrencyToken = t.Column<string>(nullable: true),
            Description = t.Column<string>(nullable: true),
            Descriptions = t.Column<string>(nullable: true),
            DisplayName = t.Column<string>(nullable: true),
            DisplayNames = t.Column<string>(nullable: true),
            Name = t.Column<string>(nullable: true),
            Properties = t.Column<string>(nullable: true),
            Resources = t.Column<string>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_OpenIddictScopes", x => x.Id));
        schema.CreateIndex("IX_OpenIddictScopes_Name", "OpenIddictScopes", "Name", unique: true);

        schema.CreateTable("OpenIddictTokens", t => new
        {
            Id = t.Column<long>(),
            ApplicationId = t.Column<long>(nullable: true),
            AuthorizationId = t.Column<long>(nullable: true),
            ConcurrencyToken = t.Column<string>(nullable: true),
            CreationDate = t.Column<DateTime>(nullable: true),
            ExpirationDate = t.Column<DateTime>(nullable: true),
            Payload = t.Column<string>(nullable: true),
            Properties = t.Column<string>(nullable: true),
            RedemptionDate = t.Column<DateTime>(nullable: true),
            ReferenceId = t.Column<string>(nullable: true),
            Status = t.Column<string>(nullable: true),
            Subject = t.Column<string>(nullable: true),
            Type = t.Column<string>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_OpenIddictTokens", x => x.Id));
        schema.CreateIndex("IX_OpenIddictTokens_Type_ExpirationDate", "OpenIddictTokens", ["Type", "ExpirationDate"]);
    }

    private static void CreateIdentityTables(MigrationBuilder schema)
    {
        schema.CreateTable("AspNetUsers", t => new
        {
            Id = Generated(t.Column<int>()),
            Name = t.Column<string>(nullable: true),
            Role = t.Column<string>(maxLength: 32),
            CreatedAt = t.Column<DateTime>(),
            LastLogin = t.Column<DateTime>(nullable: true),
            DisabledAt = t.Column<DateTime>(nullable: true),
            TotpSecret = t.Column<string>(nullable: true),
            TotpLastStep = t.Column<long>(),
            TwoFactorFailedCount = t.Column<int>(),
            TwoFactorLockoutEnd = t.Column<DateTime>(nullable: true),
            UserName = t.Column<string>(maxLength: 256, nullable: true),
            NormalizedUserName = t.Column<string>(maxLength: 256, nullable: true),
            Email = t.Column<string>(maxLength: 256, nullable: true),
            NormalizedEmail = t.Column<string>(maxLength: 256, nullable: true),
            EmailConfirmed = t.Column<bool>(),
            PasswordHash = t.Column<string>(nullable: true),
            SecurityStamp = t.Column<string>(nullable: true),
            ConcurrencyStamp = t.Column<string>(nullable: true),
            PhoneNumber = t.Column<string>(nullable: true),
            PhoneNumberConfirmed = t.Column<bool>(),
            TwoFactorEnabled = t.Column<bool>(),
            LockoutEnd = t.Column<DateTimeOffset>(nullable: true),
            LockoutEnabled = t.Column<bool>(),
            AccessFailedCount = t.Column<int>(),
        }, constraints: t => t.PrimaryKey("PK_AspNetUsers", x => x.Id));
        schema.CreateIndex("UserNameIndex", "AspNetUsers", "NormalizedUserName", unique: true);
        schema.CreateIndex("EmailIndex", "AspNetUsers", "NormalizedEmail", unique: true);

        schema.CreateTable("AspNetUserClaims", t => new
        {
            Id = Generated(t.Column<int>()),
            UserId = t.Column<int>(),
            ClaimType = t.Column<string>(nullable: true),
            ClaimValue = t.Column<string>(nullable: true),
        }, constraints: t =>
        {
            t.PrimaryKey("PK_AspNetUserClaims", x => x.Id);
            t.ForeignKey("FK_AspNetUserClaims_AspNetUsers_UserId", x => x.UserId, "AspNetUsers", "Id", onDelete: ReferentialAction.Cascade);
        });
        schema.CreateIndex("IX_AspNetUserClaims_UserId", "AspNetUserClaims", "UserId");

        schema.CreateTable("AspNetUserLogins", t => new
        {
            LoginProvider = t.Column<string>(),
            ProviderKey = t.Column<string>(),
            ProviderDisplayName = t.Column<string>(nullable: true),
            UserId = t.Column<int>(),
        }, constraints: t =>
        {
            t.PrimaryKey("PK_AspNetUserLogins", x => new { x.LoginProvider, x.ProviderKey });
            t.ForeignKey("FK_AspNetUserLogins_AspNetUsers_UserId", x => x.UserId, "AspNetUsers", "Id", onDelete: ReferentialAction.Cascade);
        });
        schema.CreateIndex("IX_AspNetUserLogins_UserId", "AspNetUserLogins", "UserId");

        schema.CreateTable("AspNetUserTokens", t => new
        {
            UserId = t.Column<int>(),
            LoginProvider = t.Column<string>(),
            Name = t.Column<string>(),
            Value = t.Column<string>(nullable: true),
        }, constraints: t =>
        {
            t.PrimaryKey("PK_AspNetUserTokens", x => new { x.UserId, x.LoginProvider, x.Name });
            t.ForeignKey("FK_AspNetUserTokens_AspNetUsers_UserId", x => x.UserId, "AspNetUsers", "Id", onDelete: ReferentialAction.Cascade);
        });
    }

    private static void CreateOwnTables(MigrationBuilder schema)
    {
        schema.CreateTable("SigningKeys", t => new
        {
            KeyId = t.Column<string>(),
            Algorithm = t.Column<string>(),
            Sealed = t.Column<string>(),
            CreatedAt = t.Column<DateTime>(),
            ActivatedAt = t.Column<DateTime>(nullable: true),
            RetiredAt = t.Column<DateTime>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_SigningKeys", x => x.KeyId));

        schema.CreateTable("Revocations", t => new
        {
            Id = Generated(t.Column<long>()),
            DeadId = t.Column<long>(),
            ExpiresAt = t.Column<DateTime>(),
        }, constraints: t => t.PrimaryKey("PK_Revocations", x => x.Id));
        schema.CreateIndex("IX_Revocations_ExpiresAt", "Revocations", "ExpiresAt");

        schema.CreateTable("RecoveryCodes", t => new
        {
            AccountId = t.Column<int>(),
            Hash = t.Column<string>(),
        }, constraints: t => t.PrimaryKey("PK_RecoveryCodes", x => new { x.AccountId, x.Hash }));

        schema.CreateTable("Versions", t => new
        {
            Name = t.Column<string>(),
            Number = t.Column<long>(),
        }, constraints: t => t.PrimaryKey("PK_Versions", x => x.Name));

        schema.CreateTable("Imports", t => new
        {
            Source = t.Column<string>(),
            Sealed = t.Column<string>(),
            AppliedAt = t.Column<DateTime>(),
        }, constraints: t => t.PrimaryKey("PK_Imports", x => x.Source));

        schema.CreateTable("Audit", t => new
        {
            Id = Generated(t.Column<long>()),
            Time = t.Column<DateTime>(),
            Event = t.Column<string>(),
            Actor = t.Column<string>(nullable: true),
            Target = t.Column<string>(nullable: true),
            ClientId = t.Column<string>(nullable: true),
            Address = t.Column<string>(nullable: true),
            Detail = t.Column<string>(nullable: true),
        }, constraints: t => t.PrimaryKey("PK_Audit", x => x.Id));
        schema.CreateIndex("IX_Audit_Time", "Audit", "Time");
    }

    // Ids that the database gives out and never gives out again.
    private static OperationBuilder<AddColumnOperation> Generated(OperationBuilder<AddColumnOperation> column) =>
        column.Annotation("Sqlite:Autoincrement", true);
}
