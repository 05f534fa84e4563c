using Benchmarks.Load;
using Benchmarks.Servers;

namespace Benchmarks.Growth;

/// <summary>The flows on one server with so many stored sessions.</summary>
internal sealed class GrowthFlows
{
    /// <summary>How many refresh tokens must be known.</summary>
    public const int Known = 500;

    private const string TokenPath = "/connect/token", IntrospectionPath = "/connect/introspect", ClientCredentials = "grant_type=client_credentials&scope=api", AccessToken = "\"access_token\":\"", Active = "\"active\":true";
    private readonly ServerProcess server;
    private readonly int connections;
    private readonly Func<TimeSpan> database;

    /// <param name="server">The server.</param>
    /// <param name="tokens">Refresh tokens of sessions that are spread over all.</param>
    /// <param name="accounts">How many accounts there are.</param>
    /// <param name="connections">Connections under load.</param>
    /// <param name="database">The processor time that the database's own processes have used.</param>
    public GrowthFlows(ServerProcess server, string[] tokens, int accounts, int connections, Func<TimeSpan> database)
    {
        (this.server, this.connections, this.database) = (server, connections, database);
        // When they are needed: they live five minutes.
        Lazy<byte[][]> signed = new(() => Introspections(Collect(ClientCredentials, TokenServerProcess.ClientId))), opaque = new(() => Introspections(Collect(ClientCredentials, TokenServerProcess.OpaqueClientId)));
        var chains = new RefreshChains(TokenPath, tokens[^connections..]);
        byte[][] known = Introspections(tokens[..^connections]);
        Lazy<byte[][]> lists = new(() => Lists(accounts));
        All = new()
        {
            ["client_credentials"] = length => Measure(length, new RequestCycle([FormRequest.Create(TokenPath, ClientCredentials)], AccessToken)),
            ["refresh"] = length => Measure(length, chains),
            ["introspection of a JWT"] = length => Measure(length, new RequestCycle(signed.Value, Active)),
            ["introspection of a refresh token"] = length => Measure(length, new RequestCycle(known, Active)),
            ["introspection of an opaque token"] = length => Measure(length, new RequestCycle(opaque.Value, Active)),
            ["revocation"] = Revoke,
            ["an account's sessions"] = length => Measure(length, new RequestCycle(lists.Value, "\"items\"")),
        };
    }

    /// <summary>By name.</summary>
    public Dictionary<string, Func<TimeSpan, Measurement>> All { get; }

    private Measurement Revoke(TimeSpan length)
    {
        var issued = new TokenCollector(FormRequest.Create(TokenPath, ClientCredentials), "access_token", connections);
        LoadGenerator.Run(server.Address, connections, length / 2, issued);
        return Measure(length, new RequestsOnce([.. issued.Tokens.Select(token => FormRequest.Create("/connect/revoke", "token=" + token))]));
    }

    // With what the database's own processes used up meanwhile.
    private Measurement Measure(TimeSpan length, IRequestSource requests)
    {
        var before = database();
        var measured = server.Measure(connections, length, requests, out int count);
        return measured with { Cpu = measured.Cpu + (database() - before).TotalMicroseconds / count };
    }

    private byte[][] Lists(int accounts)
    {
        string admin = Collect("grant_type=client_credentials&scope=admin", TokenServerProcess.ClientId)[0];
        return [.. Enumerable.Range(0, Known).Select(i => FormRequest.Get($"/admin/api/users/{1 + (long)i * accounts / Known}/sessions", admin))];
    }

    private string[] Collect(string form, string client)
    {
        var issued = new TokenCollector(FormRequest.Create(TokenPath, form, client), "access_token", 1);
        while (issued.Tokens.Count() < Known) LoadGenerator.Run(server.Address, 1, TimeSpan.FromMilliseconds(100), issued);
        return [.. issued.Tokens.Take(Known)];
    }

    private static byte[][] Introspections(IEnumerable<string> tokens) => [.. tokens.Select(token => FormRequest.Create(IntrospectionPath, "token=" + token))];
}
