using System.Collections.Frozen;
using System.Text.Json;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Clients;

/// <summary>All clients, rows of OpenIddictApplications, in memory; a trigger of the table sees to it that every change reaches every
/// process.</summary>
internal sealed partial class KnownClients(Database database, TimeOrderedId ids, TimeProvider clock, ILogger<KnownClients> logger)
    : IKeptInMemory
{
    public const string SelectSql = """
        SELECT "Id", "ClientId", "ClientSecret", "DisplayName", "Permissions", "Properties", "RedirectUris", "Settings", "ApplicationType",
            "ConcurrencyToken", "ClientType", "ConsentType", "DisplayNames", "JsonWebKeySet", "PostLogoutRedirectUris", "Requirements"
        FROM "OpenIddictApplications"
        """;

    private readonly Lock reading = new();
    private volatile FrozenDictionary<string, Client> clients = FrozenDictionary<string, Client>.Empty;
    private volatile FrozenDictionary<long, Client> rows = FrozenDictionary<long, Client>.Empty;

    public string VersionName => "clients";
    public IEnumerable<Client> All => clients.Values.OrderBy(c => c.Id);

    public Client? Find(string clientId) => clients.GetValueOrDefault(clientId);
    public Client? FindRow(long id) => rows.GetValueOrDefault(id);

    /// <summary>A registered client as it is in the caller's transaction; null for the server's own.</summary>
    public static Client? Find(
        Statements s, string clientId) => s.First(SelectSql + $""" WHERE "ClientId"=@p0 AND {ClientColumns.IsRegistered}""", Of, clientId);

    public void Reload()
    {
        lock (reading) Read();
    }

    private void Read()
    {
        var read = database.Read(s => s.All(SelectSql + """ WHERE "ClientId" IS NOT NULL""", r => RowOf(r, r.GetInt64(0))));
        var all = read.ConvertAll(Known);
        if (all.Count > 0) ids.Pass(all.Max(c => c.ValidAfter));
        clients = all.ToFrozenDictionary(c => c.ClientId, StringComparer.Ordinal);
        rows = all.ToFrozenDictionary(c => c.Id);
    }

    // One row that another application wrote badly must not keep the others from being known.
    private Client Known(ApplicationRow row)
    {
        try
        {
            return new Client(row);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            Log.Unreadable(logger, row.ClientId, e.Message);
            return Client.Unreadable(row, clock.GetUtcNow().UtcDateTime);
        }
    }

    private static Client Of(DbDataReader r) => new(RowOf(r, r.GetInt64(0)));

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The row of client {ClientId} cannot be read; it is refused: {Problem}")]
        public static partial void Unreadable(ILogger logger, string? clientId, string problem);
    }

    /// <summary>What <see cref="SelectSql"/> reads, under an id.</summary>
    public static ApplicationRow RowOf(DbDataReader r, long id) => new()
    {
        Id = id, ClientId = r.GetString(1), ClientSecret = Row.TextOrNull(r, 2), DisplayName = Row.TextOrNull(r, 3),
        Permissions = Row.TextOrNull(r, 4), Properties = Row.TextOrNull(r, 5), RedirectUris = Row.TextOrNull(r, 6),
        Settings = Row.TextOrNull(r, 7), ApplicationType = Row.TextOrNull(r, 8), ConcurrencyToken = Row.TextOrNull(r, 9),
        ClientType = Row.TextOrNull(r, 10), ConsentType = Row.TextOrNull(r, 11), DisplayNames = Row.TextOrNull(r, 12),
        JsonWebKeySet = Row.TextOrNull(r, 13), PostLogoutRedirectUris = Row.TextOrNull(r, 14), Requirements = Row.TextOrNull(r, 15),
    };
}
