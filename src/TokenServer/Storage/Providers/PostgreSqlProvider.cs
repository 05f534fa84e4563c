using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using TokenServer.Foundation;

namespace TokenServer.Storage.Providers;

/// <summary>PostgreSQL, for several replicas on one database.</summary>
internal sealed partial class PostgreSqlProvider : DatabaseProvider, IDisposable
{
    // Advisory locks have no names; any number does that nobody else uses on the database.
    private const string Lock = "7318094650230921", Channel = "token_server";
    private const int DefaultConnections = 30;
    private static readonly TimeSpan Knock = TimeSpan.FromMilliseconds(250), LongestPause = TimeSpan.FromSeconds(10);
    private readonly string setting;
    private readonly NpgsqlConnectionStringBuilder parts;
    private readonly NpgsqlDataSource source;
    private readonly System.Threading.Lock knocking = new();
    private (long Time, NpgsqlException Failure)? lastFailure;

    /// <param name="text">A connection string.</param>
    /// <param name="setting">What it was given as, for messages.</param>
    /// <exception cref="SettingException">It makes no sense.</exception>
    public PostgreSqlProvider(string text, string setting = Setting)
    {
        this.setting = setting;
        parts = Parse(text, setting);
        if (string.IsNullOrEmpty(parts.Database)) throw new SettingException(setting, "it must name the Database");
        Name = $"{parts.Database} on {parts.Host}";
        // Only what was set is serialized; the driver says that it contains every setting it knows.
        int connections = parts.ShouldSerialize("Maximum Pool Size") ? parts.MaxPoolSize : DefaultConnections;
        if (connections < 10) throw new SettingException(setting, "Maximum Pool Size must be at least 10");
        WritersBeside = connections / 4;
        // The rest is the writer that is alone, the listener, and the scheduler's two.
        Readers = connections - WritersBeside - 4;
        // Connections are kept here, with what is prepared on them.
        parts.Pooling = false;
        if (!parts.ShouldSerialize("Max Auto Prepare")) parts.MaxAutoPrepare = 200;
        // The driver would take what the server offers, and whoever is in between decides what that is.
        if (!parts.ShouldSerialize("SSL Mode") && !parts.Host!.Split(',').All(IsThisMachine)) parts.SslMode = SslMode.VerifyFull;
        if (!parts.ShouldSerialize("Timeout")) parts.Timeout = 5;
        if (!parts.ShouldSerialize("Command Timeout")) parts.CommandTimeout = 10;
        // After a timeout the connection is given up. To ask the server to cancel is to wait, without end, for a server that hangs.
        if (!parts.ShouldSerialize("Cancellation Timeout")) parts.CancellationTimeout = -1;
        // The driver tries it first and, where that takes all the time there is, has none left, which it takes for endless.
        if (!parts.ShouldSerialize("GSS Encryption Mode")) parts.GssEncryptionMode = GssEncryptionMode.Disable;
        if (!parts.ShouldSerialize("Keepalive")) parts.KeepAlive = 10;
        if (!parts.ShouldSerialize("Application Name")) parts.ApplicationName = nameof(TokenServer);
        // A process that stops in the middle of a transaction must not keep the others from writing. And the planner thinks of millions of
        // rows where a page is read: to compile such a query takes a hundred times as long as to run it.
        parts.Options = ($"-c jit=off -c idle_in_transaction_session_timeout={LongestPause.TotalMilliseconds} "
            + $"-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 {parts.Options}").TrimEnd();
        source = SourceOf(parts);
        // Reading waits for the network on the thread that asks.
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(Math.Max(workers, Readers + Environment.ProcessorCount), ports);
    }

    public override string Name { get; }
    public override bool IsShared => true;

    public override bool IsThere
    {
        get
        {
            using var statements = new Statements(this);
            return statements.First(FindTable, _ => "", Schema.ServerHistory) is not null;
        }
    }

    public override int Readers { get; }
    public override int WritersBeside { get; }
    public override string BeginAlone => $"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({Lock})";
    public override string BeginBeside => $"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock_shared({Lock})";
    public override string LockNumber => "SELECT pg_advisory_xact_lock(@p0)";
    public override string NeedNotLast => "SET LOCAL synchronous_commit TO off";
    public override string CommitAnnounced => $"NOTIFY {Channel}; COMMIT";
    public override string ReadClock => "SELECT clock_timestamp()";
    public override string FindReadOnly => "SELECT 1 WHERE current_setting('transaction_read_only')='on'";
    public override string FindTable => "SELECT 1 FROM pg_tables WHERE schemaname=current_schema() AND tablename=@p0";
    public override string HourOf(string column) => $"""to_char("{column}" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')""";

    /// <summary>Whether a connection string is one for PostgreSQL: it names a host.</summary>
    public static bool IsMeantBy(string? text)
    {
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = text }.ContainsKey("Host");
        }
        catch (ArgumentException)
        {
            // Whoever reads it next says what is wrong with it.
            return false;
        }
    }

    // While the database is away, one caller in a quarter of a second knocks and the others are told what that one was.
    public override DbConnection Open()
    {
        if (lastFailure is { } last && Environment.TickCount64 - last.Time < Knock.TotalMilliseconds)
            throw new NpgsqlException("the database did not answer a moment ago", last.Failure);
        var connection = source.CreateConnection();
        try
        {
            connection.Open();
            lock (knocking) lastFailure = null;
            return connection;
        }
        catch (NpgsqlException e)
        {
            connection.Dispose();
            lock (knocking) lastFailure = (Environment.TickCount64, e);
            throw;
        }
    }

    /// <summary>Connections for code that is not of this house and wants to open and close them itself.</summary>
    /// <param name="most">How many.</param>
    public DbDataSource Pool(int most) =>
        SourceOf(new NpgsqlConnectionStringBuilder(parts.ToString())
            { Pooling = true, MinPoolSize = 0, MaxPoolSize = most, ApplicationName = $"{nameof(TokenServer)} scheduler" });

    public override DbContextOptions<T> Options<T>(DbConnection connection, string migrationsHistory) =>
        new DbContextOptionsBuilder<T>().UseNpgsql(connection, npgsql => npgsql.MigrationsHistoryTable(migrationsHistory))
            .ReplaceService<IMigrationsSqlGenerator, PostgreSqlMigrations>().Options;

    // Numbered values spare the driver to rewrite the statement each time.
    public override string Text(string sql) =>
        Numbers().Replace(sql, m => "$" + (int.Parse(m.ValueSpan[2..], CultureInfo.InvariantCulture) + 1));
    public override DbParameter Parameter(DbCommand command, int index) => command.CreateParameter();

    // No text of PostgreSQL's holds a zero character; the sign for it stands in its place,
    // and so such a text is found and refused like any other.
    public override object Bind(object value) =>
        value is string text && text.Contains('\0', StringComparison.Ordinal) ? text.Replace('\0', '\u2400') : value;

    // Classes of SQLSTATE: connection, resources, operator, system; 25006 is a standby, 40 a conflict that a repeat may not meet.
    public override bool IsAway(DbException failure) =>
        failure is not PostgresException { SqlState: var state }
            || state[..2] is "08" or "40" or "53" or "57" or "58" or "XX" || state is "25006" or "25P03" or "55P03";

    // The one host says so itself: it starts or stops, nobody listens there, or its socket is gone. Of several hosts another may serve.
    public override bool IsStopped(Exception failure)
    {
        if (parts.Host!.Contains(',', StringComparison.Ordinal)) return false;
        for (Exception? e = failure; e is not null; e = e.InnerException)
        {
            if (e is PostgresException { SqlState: "57P03" } or SocketException { SocketErrorCode: SocketError.ConnectionRefused })
                return true;
            if (e is SocketException { SocketErrorCode: SocketError.AddressNotAvailable } && parts.Host[0] == '/') return true;
        }
        return false;
    }

    public override Exception Explain(DbException failure) => (failure as PostgresException)?.SqlState switch
    {
        "28P01" or "28000" => new SettingException(setting, $"the database {Name} refuses the user: {failure.Message}", failure),
        "3D000" => new SettingException(setting, $"the database {Name} does not exist", failure),
        _ => new SettingException(setting, $"the database {Name} cannot be used: {failure.Message}", failure),
    };

    // An equality would leave the order to the primary key, which the planner takes for the way to a frequent value's first rows,
    // even if that one's are the oldest of millions.
    public override string Slice(string column, string id, string value, string from, string before) =>
        $"({column}, {id})>=({value}, {from}) AND ({column}, {id})<({value}, {before})";

    public override bool HasLateral => true;

    public override string ContinueAfter(string table, string column) =>
        $"""SELECT setval(pg_get_serial_sequence('"{table}"', '{column}'), greatest(@p0, (SELECT max("{column}") FROM "{table}"), 1))""";

    public override void Insert(DbConnection connection, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows)
    {
        using var copy = ((NpgsqlConnection)connection)
            .BeginBinaryImport($"""COPY "{table}" ({string.Join(", ", columns.Select(c => $"\"{c}\""))}) FROM STDIN (FORMAT BINARY)""");
        copy.Timeout = TimeSpan.Zero;
        foreach (object?[] row in rows)
        {
            copy.StartRow();
            foreach (object? value in row) copy.Write(value);
        }
        copy.Complete();
    }

    public override IDisposable? TryLock(string name, bool wait = false)
    {
        var connection = source.OpenConnection();
        using var command = new NpgsqlCommand(wait ? "SELECT pg_advisory_lock(hashtextextended($1, 0)) IS NOT NULL"
            : "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", connection) { Parameters = { new() { Value = name } } };
        if (command.ExecuteScalar() is true) return connection;
        connection.Dispose();
        return null;
    }

    public override async Task ListenAsync(Action changed, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        connection.Notification += (_, _) => changed();
        await using var listen = new NpgsqlCommand($"LISTEN {Channel}", connection);
        await listen.ExecuteNonQueryAsync(ct);
        // What was said before this moment, nobody heard.
        changed();
        while (true) await connection.WaitAsync(ct);
    }

    [GeneratedRegex(@"@p\d+")]
    private static partial Regex Numbers();

    public void Dispose() => source.Dispose();

    // Only types that every database has are used; to ask each connection's database for its own takes longer than most queries.
    private static NpgsqlDataSource SourceOf(NpgsqlConnectionStringBuilder parts) =>
        new NpgsqlDataSourceBuilder(parts.ToString()).ConfigureTypeLoading(types => types.EnableTypeLoading(false)).Build();

    // A socket's folder, or an address that no network carries; a port may follow.
    private static bool IsThisMachine(string host)
    {
        string name = host.Trim();
        if (name.StartsWith('/') || name.Split(':')[0].TrimEnd('.').Equals("localhost", StringComparison.OrdinalIgnoreCase)) return true;
        return IPEndPoint.TryParse(name, out var end) && IPAddress.IsLoopback(end.Address);
    }

    private static NpgsqlConnectionStringBuilder Parse(string text, string setting)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new SettingException(setting, e.Message, e);
        }
    }
}
