using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;
using Npgsql.EntityFrameworkCore.PostgreSQL.Migrations;

namespace TokenServer.Storage.Providers;

/// <summary>The migrations' one mark for ids that the database gives out, as PostgreSQL's identity columns.</summary>
// The generator's constructor takes the provider's options, whose type is marked as internal; there is no other way to add to it.
#pragma warning disable EF1001
internal sealed class PostgreSqlMigrations(MigrationsSqlGeneratorDependencies dependencies, INpgsqlSingletonOptions options)
    : NpgsqlMigrationsSqlGenerator(dependencies, options)
#pragma warning restore EF1001
{
    protected override void ColumnDefinition(string? schema, string table, string name,
        ColumnOperation operation, IModel? model, MigrationCommandListBuilder builder)
    {
        if (operation[DatabaseProvider.GeneratedId] is true)
            operation["Npgsql:ValueGenerationStrategy"] = NpgsqlValueGenerationStrategy.IdentityByDefaultColumn;
        base.ColumnDefinition(schema, table, name, operation, model, builder);
    }
}
