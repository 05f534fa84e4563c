using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Telemetry;
using TokenServer.Tokens;

namespace TokenServer.Sessions.Devices;

/// <summary>Devices that ask to be signed in (RFC 8628 section 3.1, contract section 9): each has a code to poll with and one to show. What
/// a person says to it is for <see cref="DeviceDecisions"/>, what it gets for <see cref="DevicePolls"/>.</summary>
internal sealed class DeviceCodes(Database database, UserCodeHashes hashes, TimeOrderedId ids, LifetimesOptions lifetimes,
    Instruments instruments, TimeProvider clock)
{
    /// <summary>The prefix of device codes.</summary>
    public const string Prefix = "dc_";

    /// <summary>Characters of a device's name.</summary>
    public const int LongestName = 100;

    // Of 25,600,000,000 codes some tens of thousands wait at a time: to draw two that are taken is rare, ten never happens.
    private const int MostDraws = 10;

    // Nothing is inserted where the user code is taken.
    private const string InsertSql = """
        INSERT INTO "OpenIddictTokens" ("Id", "ApplicationId", "CreationDate", "ExpirationDate", "Payload", "Properties", "ReferenceId",
            "Status", "Type")
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8) ON CONFLICT DO NOTHING
        """;

    /// <summary>Draws a user code.</summary>
    public Func<UserCode> Draw { get; init; } = UserCode.Draw;

    /// <summary>A device begins to ask.</summary>
    /// <param name="client">The client on it.</param>
    /// <param name="scopes">What it asks for, which the client may have.</param>
    /// <param name="deviceName">What it calls itself, checked as names are; null for nothing.</param>
    /// <param name="address">From where.</param>
    public async Task<StartedDevice> StartAsync(Client client, ScopeSet scopes, string? deviceName, string? address)
    {
        DateTime now = Now;
        string properties = new DeviceProperties(scopes, deviceName, address).ToJson();
        for (int draw = 0; draw < MostDraws; draw++)
        {
            var (token, code) = (ReferenceToken.Create(ids.Next()), Draw());
            string reference = hashes.Of(code);
            int inserted = await database.WriteBesideAsync(s => s.Execute(InsertSql, token.Id, client.Id, now, now + lifetimes.DeviceCode,
                token.Hash, properties, reference, StoredDeviceCode.Waiting, StoredDeviceCode.Type));
            if (inserted == 0) continue;
            instruments.DeviceHappened("started");
            return new(token.ToText(Prefix), code, lifetimes.DeviceCode);
        }
        throw new StorageUnavailableException("no user code is free");
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}

/// <summary>What a device is told when it begins to ask.</summary>
internal sealed record StartedDevice(string DeviceCode, UserCode UserCode, TimeSpan Lifetime);
