using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using TokenServer.Storage.Rows;

namespace TokenServer.Storage;

/// <summary>The model: OpenIddict's four tables by its names, Identity's tables, and the few of our own.</summary>
internal sealed class ServerDbContext(DbContextOptions<ServerDbContext> options) : IdentityUserContext<Account, int>(options)
{
    public DbSet<ApplicationRow> Applications => Set<ApplicationRow>();
    public DbSet<AuthorizationRow> Authorizations => Set<AuthorizationRow>();
    public DbSet<ScopeRow> Scopes => Set<ScopeRow>();
    public DbSet<TokenRow> Tokens => Set<TokenRow>();
    public DbSet<SigningKeyRow> SigningKeys => Set<SigningKeyRow>();
    public DbSet<RevocationRow> Revocations => Set<RevocationRow>();
    public DbSet<FormerAudienceRow> FormerAudiences => Set<FormerAudienceRow>();
    public DbSet<FeedReaderRow> FeedReaders => Set<FeedReaderRow>();
    public DbSet<RateMomentRow> RateMoments => Set<RateMomentRow>();
    public DbSet<UsedIdRow> UsedIds => Set<UsedIdRow>();
    public DbSet<KeptAnswerRow> KeptAnswers => Set<KeptAnswerRow>();
    public DbSet<RecoveryCodeRow> RecoveryCodes => Set<RecoveryCodeRow>();
    public DbSet<VersionRow> Versions => Set<VersionRow>();
    public DbSet<TunnelRow> Tunnels => Set<TunnelRow>();
    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();
    public DbSet<PasskeyRow> Passkeys => Set<PasskeyRow>();
    public DbSet<AuthenticatorRow> Authenticators => Set<AuthenticatorRow>();
    public DbSet<EmailChangeRow> EmailChanges => Set<EmailChangeRow>();
    public DbSet<ConsentRow> Consents => Set<ConsentRow>();
    public DbSet<LogoutDeliveryRow> LogoutDeliveries => Set<LogoutDeliveryRow>();
    public DbSet<ImportRow> Imports => Set<ImportRow>();
    public DbSet<AuditRow> Audit => Set<AuditRow>();
    public DbSet<AuditHeadRow> AuditHeads => Set<AuditHeadRow>();
    public DbSet<AuditSealRow> AuditSeals => Set<AuditSealRow>();
    public DbSet<DataProtectionKeyRow> DataProtectionKeys => Set<DataProtectionKeyRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();
        configurationBuilder.Conventions.Remove<ForeignKeyIndexConvention>();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<Account>(e =>
        {
            // Identity leaves e-mail addresses free to repeat; here one names one account.
            e.HasIndex(a => a.NormalizedEmail).HasDatabaseName("EmailIndex").IsUnique();
            e.Property(a => a.Role).HasMaxLength(32);
        });
        builder.Entity<IdentityUserClaim<int>>().HasIndex(c => c.UserId);
        builder.Entity<IdentityUserLogin<int>>().HasIndex(l => l.UserId);
        ConfigureOpenIddict(builder);
        builder.Entity<SigningKeyRow>().ToTable("SigningKeys").HasKey(k => k.KeyId);
        ConfigureRevocations(builder);
        builder.Entity<RateMomentRow>(e =>
        {
            e.ToTable("RateMoments");
            e.HasIndex(m => new { m.Bucket, m.CountsUntil });
            e.HasIndex(m => m.CountsUntil);
        });
        builder.Entity<UsedIdRow>().ToTable("UsedIds").HasIndex(u => u.ExpiresAt);
        builder.Entity<KeptAnswerRow>(e =>
        {
            e.ToTable("KeptAnswers");
            e.HasIndex(a => a.ExpiresAt);
            e.HasIndex(a => new { a.Owner, a.ExpiresAt });
        });
        builder.Entity<RecoveryCodeRow>().ToTable("RecoveryCodes").HasKey(r => new { r.AccountId, r.Hash });
        builder.Entity<VersionRow>().ToTable("Versions").HasKey(v => v.Name);
        builder.Entity<TunnelRow>(e =>
        {
            e.ToTable("Tunnels");
            e.HasIndex(t => new { t.AccountId, t.NormalizedName }).IsUnique();
            e.HasIndex(t => t.TokenId).IsUnique();
        });
        builder.Entity<ApiKeyRow>(e =>
        {
            e.ToTable("ApiKeys");
            e.Property(k => k.Id).ValueGeneratedNever();
            e.HasIndex(k => k.AccountId);
            e.HasIndex(k => k.Hash).IsUnique();
        });
        builder.Entity<PasskeyRow>(e =>
        {
            e.ToTable("Passkeys");
            e.Property(p => p.Id).ValueGeneratedNever();
            e.HasIndex(p => p.AccountId);
            e.HasIndex(p => p.CredentialId).IsUnique();
        });
        builder.Entity<AuthenticatorRow>(e =>
        {
            e.ToTable("Authenticators");
            e.Property(a => a.Id).ValueGeneratedNever();
            e.HasIndex(a => a.AccountId);
        });
        builder.Entity<EmailChangeRow>(e =>
        {
            e.ToTable("EmailChanges");
            e.Property(c => c.Id).ValueGeneratedNever();
            e.HasIndex(c => c.AccountId).IsUnique();
        });
        builder.Entity<ConsentRow>(e =>
        {
            e.ToTable("Consents").HasKey(c => new { c.AccountId, c.ApplicationId });
            e.HasIndex(c => c.ApplicationId);
        });
        builder.Entity<LogoutDeliveryRow>(e =>
        {
            e.ToTable("LogoutDeliveries");
            e.HasIndex(d => new { d.ApplicationId, d.NextAttemptAt });
        });
        builder.Entity<ImportRow>().ToTable("Imports").HasKey(i => i.Source);
        builder.Entity<AuditRow>(e =>
        {
            e.ToTable("Audit");
            e.HasIndex(a => a.Time);
            e.HasIndex(a => new { a.Event, a.Id });
            e.HasIndex(a => new { a.Actor, a.Id });
            e.HasIndex(a => new { a.Target, a.Id });
            e.HasIndex(a => new { a.ClientId, a.Id });
            e.HasIndex(a => new { a.Address, a.Id });
            // Of the refusals alone, which are few.
            e.HasIndex(a => new { a.Time, a.Event, a.Detail }).HasFilter(AuditRow.IsRefusal);
            e.HasIndex(a => new { a.ClientId, a.Time }).HasFilter(AuditRow.IsRefusal);
            e.HasIndex(a => new { a.Event, a.Detail, a.Id }).HasFilter(AuditRow.IsRefusal);
        });
        builder.Entity<AuditHeadRow>().ToTable("AuditHeads").Property(h => h.Id).ValueGeneratedNever();
        builder.Entity<AuditSealRow>().ToTable("AuditSeals").Property(s => s.Id).ValueGeneratedNever();
        builder.Entity<DataProtectionKeyRow>().ToTable("DataProtectionKeys").HasKey(k => k.FriendlyName);
    }

    private static void ConfigureRevocations(ModelBuilder builder)
    {
        builder.Entity<RevocationRow>(e =>
        {
            e.ToTable("Revocations");
            e.HasIndex(r => r.ExpiresAt);
            // Looked for when a client is registered; sessions and tokens, which are many, have no part in it.
            e.HasIndex(r => r.ClientId).HasFilter("\"Kind\"=2");
        });
        builder.Entity<FormerAudienceRow>().ToTable("FormerAudiences").HasIndex(f => f.Until);
        builder.Entity<FeedReaderRow>(e =>
        {
            e.ToTable("FeedReaders").HasKey(r => new { r.ApplicationId, r.Name });
            e.HasIndex(r => r.SeenAt);
        });
    }

    private static void ConfigureOpenIddict(ModelBuilder builder)
    {
        builder.UseOpenIddict<ApplicationRow, AuthorizationRow, ScopeRow, TokenRow, long>();
        AsItIsHere<ApplicationRow>(builder).HasIndex(a => a.ClientId).IsUnique();
        AsItIsHere<ScopeRow>(builder).HasIndex(s => s.Name).IsUnique();
        var sessions = AsItIsHere<AuthorizationRow>(builder);
        sessions.HasIndex(a => new { a.Subject, a.Id });
        sessions.HasIndex(a => new { a.ApplicationId, a.Id });
        sessions.HasIndex(a => new { a.Status, a.Id });
        sessions.HasIndex(a => new { a.Type, a.CreationDate });
        sessions.HasIndex(a => new { a.Address, a.Id });
        sessions.HasIndex(a => a.SignInId).HasFilter("\"SignInId\" IS NOT NULL");
        var tokens = AsItIsHere<TokenRow>(builder);
        tokens.HasIndex(t => new { t.Type, t.ExpirationDate });
        // Entries that OpenIddict makes are found by it. Ours have none, and so no part in it.
        tokens.HasIndex(t => t.ReferenceId).IsUnique().HasFilter("\"ReferenceId\" IS NOT NULL");
    }

    // Each index, and each foreign key (its navigations stay, for queries), is paid for at every sign-in and every refresh; ids are
    // given out by
    // TimeOrderedId; and the columns were made without a longest length, which SQLite does not know either.
    private static EntityTypeBuilder<T> AsItIsHere<T>(ModelBuilder builder) where T : class
    {
        var entity = builder.Entity<T>();
        foreach (var index in entity.Metadata.GetIndexes().ToArray()) entity.Metadata.RemoveIndex(index);
        foreach (var property in entity.Metadata.GetProperties()) property.SetMaxLength(null);
        entity.Property("Id").ValueGeneratedNever();
        return entity;
    }

    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(v => v, v => DateTime.SpecifyKind(v, DateTimeKind.Utc));
}
