using Quartz;
using TokenServer.Foundation;

namespace TokenServer.Storage.Providers;

/// <summary>What differs between the databases. Only its two implementations name one (docs/decisions/0016).</summary>
internal abstract class DatabaseProvider
{
    protected const string Setting = "ConnectionStrings:Default";

    /// <summary>The annotation by which a migration marks a column whose values the database gives out.</summary>
    public const string GeneratedId = "Sqlite:Autoincrement";

    /// <summary>The provider that <c>ConnectionStrings:Default</c> is for: PostgreSQL where it names a host, else SQLite.</summary>
    /// <exception cref="SettingException">It makes no sense.</exception>
    public static DatabaseProvider Of(
        IConfiguration configuration, DataDirectory directory) => Of(configuration.GetConnectionString("Default"), directory);

    /// <summary>The provider that a connection string is for.</summary>
    /// <exception cref="SettingException">It makes no sense.</exception>
    public static DatabaseProvider Of(string? text, DataDirectory directory) =>
        PostgreSqlProvider.IsMeantBy(text) ? new PostgreSqlProvider(text!) : new SqliteProvider(text, directory);

    /// <summary>The provider of another program's database, which is only read.</summary>
    /// <param name="text">Its connection string.</param>
    /// <param name="directory">Where a relative path is taken from.</param>
    /// <param name="option">The option it was given as, for messages.</param>
    /// <exception cref="SettingException">It makes no sense.</exception>
    public static DatabaseProvider OfAnother(string text, DataDirectory directory, string option) =>
        PostgreSqlProvider.IsMeantBy(text) ? new PostgreSqlProvider(text, option) : new SqliteProvider(text, directory, option);

    /// <summary>Has the scheduler keep its jobs where the replicas of <c>ConnectionStrings:Default</c> share them,
    /// if it is for a database that has any.</summary>
    public static void Keep(IQuartzBuilder scheduler, IConfiguration configuration)
    {
        if (PostgreSqlProvider.IsMeantBy(configuration.GetConnectionString("Default")))
            scheduler.UsePersistentStore(PostgreSqlSchedule.Use);
    }

    /// <summary>What people call it: the file's path, or the database and its host.</summary>
    public abstract string Name { get; }

    /// <summary>Whether there is a database of this server.</summary>
    /// <exception cref="DbException">The database does not answer.</exception>
    public abstract bool IsThere { get; }

    /// <summary>Whether several processes on several machines may serve from it.</summary>
    public virtual bool IsShared => false;

    /// <summary>A file that belongs to the database, beside it.</summary>
    /// <exception cref="NotSupportedException">The database is no file.</exception>
    public virtual string Beside(string name) => throw new NotSupportedException("there is nothing beside a database server");

    /// <summary>The files beside the database whose names begin so.</summary>
    /// <inheritdoc cref="Beside"/>
    public virtual string[] AllBeside(string start) => throw new NotSupportedException("there is nothing beside a database server");

    /// <summary>How many connections read at a time.</summary>
    public virtual int Readers => int.MaxValue;

    /// <summary>How many connections run operations that may run beside others; 0 where one writer does everything.</summary>
    public virtual int WritersBeside => 0;

    /// <summary>Begins a transaction that no other writes beside, of any process, until it ends.</summary>
    public abstract string BeginAlone { get; }

    /// <summary>Begins a transaction that may run beside others of its kind, but never beside one that is alone.</summary>
    public virtual string BeginBeside => BeginAlone;

    /// <summary>Locks the number @p0 until the transaction ends; null where no transaction has another beside it.</summary>
    public virtual string? LockNumber => null;

    /// <summary>Has this transaction's commit not wait for the disk; null where every transaction has those of others in it.</summary>
    public virtual string? NeedNotLast => null;

    /// <summary>Commits, and tells every process that something was changed that it keeps in memory.</summary>
    public virtual string CommitAnnounced => "COMMIT";

    /// <summary>Reads the time that the database's machine has; null where that is this one.</summary>
    public virtual string? ReadClock => null;

    /// <summary>Finds one row where the database takes no writes; null where that shows only when one is made.</summary>
    public virtual string? FindReadOnly => null;

    /// <summary>Finds one row where the table named @p0 exists.</summary>
    public abstract string FindTable { get; }

    /// <summary>Text of an expression: the hour, as <c>2026-11-21 13</c>, of the column <paramref name="column"/>.</summary>
    public abstract string HourOf(string column);

    /// <summary>A condition: the rows of one <paramref name="value"/> of a column whose ids are at least <paramref name="from"/> and below
    /// <paramref name="before"/>, which an index of both has in the order of both.</summary>
    public virtual string Slice(string column, string id, string value, string from, string before) =>
        $"{column}={value} AND {id}>={from} AND {id}<{before}";

    /// <summary>Whether a query can ask for a few rows of each of many values; where not, it can take rows out of a queue.</summary>
    public virtual bool HasLateral => false;

    /// <summary>Inserts many rows at once.</summary>
    public abstract void Insert(DbConnection connection, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows);

    /// <summary>Finds the last value that was given out for a column of the table named @p0;
    /// null where the database does not say so by the table.</summary>
    public virtual string? FindLastGivenOut => null;

    /// <summary>Has the values that the database gives out for a column go on after @p0, and after those that are there.</summary>
    public abstract string ContinueAfter(string table, string column);

    /// <summary>A new open connection.</summary>
    /// <exception cref="SettingException">The setting, or what it names, cannot be used.</exception>
    /// <exception cref="DbException">The database does not answer.</exception>
    public abstract DbConnection Open();

    /// <summary>Options of a context on <paramref name="connection"/>, whose transactions the caller begins and commits.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="migrationsHistory">The table of the migrations that the context's schema has had.</param>
    public abstract DbContextOptions<T> Options<T>(DbConnection connection, string migrationsHistory) where T : DbContext;

    /// <summary>A statement whose values are <c>@p0</c>, <c>@p1</c>, …, as the database wants it.</summary>
    public virtual string Text(string sql) => sql;

    /// <summary>The parameter of the value numbered <paramref name="index"/>.</summary>
    public virtual DbParameter Parameter(DbCommand command, int index)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = "@p" + index;
        return parameter;
    }

    /// <summary>What a value is bound as.</summary>
    public virtual object Bind(object value) => value;

    /// <summary>Whether <paramref name="failure"/> says that the database is away, full or busy,
    /// and not that a statement is wrong.</summary>
    public abstract bool IsAway(DbException failure);

    /// <summary>Whether <paramref name="failure"/> proves that the database serves nobody,
    /// and so that nobody can have changed it.</summary>
    public virtual bool IsStopped(Exception failure) => false;

    /// <summary>What to tell the operator of a failure to use the database at the start.</summary>
    public abstract Exception Explain(DbException failure);

    /// <summary>Keeps every other process out of what is named so, until it is disposed of or the process ends.</summary>
    /// <param name="name">What it is about, in a few words.</param>
    /// <param name="wait">Whether to wait for another that is in it; else the answer is null then.</param>
    public abstract IDisposable? TryLock(string name, bool wait = false);

    /// <summary>Calls <paramref name="changed"/> whenever a process has committed what others keep in memory;
    /// until <paramref name="ct"/>.</summary>
    public virtual Task ListenAsync(Action changed, CancellationToken ct) => Task.CompletedTask;
}
