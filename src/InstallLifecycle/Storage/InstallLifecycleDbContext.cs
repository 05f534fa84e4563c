using InstallLifecycle.Storage.Rows;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace InstallLifecycle.Storage;

/// <summary>The lifecycle's tables. The host says which database they are in.</summary>
/// <param name="options">The provider and its connection.</param>
public sealed class InstallLifecycleDbContext(DbContextOptions<InstallLifecycleDbContext> options) : DbContext(options)
{
    /// <summary>The table of applied migrations; the host's own context has another.</summary>
    public const string MigrationsHistory = "__InstallLifecycleMigrationsHistory";

    internal DbSet<CodeRow> Codes => Set<CodeRow>();
    internal DbSet<ActivationRow> Activations => Set<ActivationRow>();
    internal DbSet<AttemptRow> Attempts => Set<AttemptRow>();
    internal DbSet<ServerRow> Servers => Set<ServerRow>();
    internal DbSet<StepRow> Steps => Set<StepRow>();
    internal DbSet<KeyRow> Keys => Set<KeyRow>();
    internal DbSet<ReceiptKeyRow> ReceiptKeys => Set<ReceiptKeyRow>();

    /// <summary>Times are UTC.</summary>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();

    /// <summary>The tables and their indexes.</summary>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<CodeRow>(e =>
        {
            e.ToTable("InstallCodes");
            e.Property(c => c.Version).IsConcurrencyToken();
            e.HasIndex(c => c.Hash).IsUnique();
            e.HasIndex(c => new { c.AddressKey, c.IssuedAt });
            e.HasIndex(c => new { c.Session, c.IssuedAt });
            e.HasIndex(c => new { c.Fingerprint, c.IssuedAt });
            e.HasIndex(c => new { c.Status, c.ExpiresAt });
            e.HasIndex(c => c.EndedAt);
        });
        modelBuilder.Entity<ActivationRow>(e =>
        {
            e.ToTable("InstallActivations");
            e.Property(a => a.Version).IsConcurrencyToken();
            e.HasIndex(a => a.ActivationId).IsUnique();
            e.HasIndex(a => new { a.CodeId, a.Status });
            e.HasIndex(a => new { a.Status, a.ExpiresAt });
            e.HasIndex(a => a.EndedAt);
        });
        modelBuilder.Entity<AttemptRow>(e =>
        {
            e.ToTable("InstallAttempts");
            e.HasIndex(a => new { a.AddressKey, a.Time });
            e.HasIndex(a => new { a.MachineId, a.Time });
            e.HasIndex(a => a.Time);
        });
        modelBuilder.Entity<ServerRow>(e =>
        {
            e.ToTable("InstallServers");
            e.Property(s => s.Version).IsConcurrencyToken();
            e.HasIndex(s => s.ServerId).IsUnique();
            e.HasIndex(s => s.ActivationId).IsUnique();
            e.HasIndex(s => s.RevokedAt);
        });
        modelBuilder.Entity<StepRow>(e =>
        {
            e.ToTable("InstallSteps");
            e.HasIndex(s => new { s.Session, s.Id });
            e.HasIndex(s => s.Time);
        });
        modelBuilder.Entity<KeyRow>().ToTable("InstallKeys").HasKey(k => k.KeyId);
        modelBuilder.Entity<ReceiptKeyRow>().ToTable("InstallReceiptKeys").HasKey(k => k.KeyId);
    }

    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(v => v, v => DateTime.SpecifyKind(v, DateTimeKind.Utc));
}
