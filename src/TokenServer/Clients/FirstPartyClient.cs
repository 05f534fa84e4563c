using TokenServer.Protection;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Clients;

/// <summary>The one client that the three account faces count as. It has a secret that nobody knows, so it can do nothing at
/// /connect.</summary>
internal sealed class FirstPartyClient(Database database, ClientRegistry clients, TimeOrderedId ids)
{
    public const string ClientId = "first-party";

    /// <summary>The audience of its access tokens (contract section 1, the table of introspection).</summary>
    public const string Audience = "api";

    private static readonly ScopeSet ItsScopes = ScopeSet.Parse(Audience);

    /// <summary>The client as it is registered now.</summary>
    public Client Client => clients.Find(ClientId) ?? throw new StorageUnavailableException("the first-party client is not registered");

    /// <summary>The scopes of its sessions.</summary>
    public ScopeSet Scopes => ItsScopes;

    /// <summary>Registers it where it is not there, and restores it where an earlier version let it be revoked.</summary>
    public async Task EnsureAsync()
    {
        if (clients.Find(ClientId) is { } client)
        {
            if (client.IsRevoked) await clients.RestoreAsync(ClientId, "start");
            return;
        }
        await database.WriteAsync(s =>
        {
            if (s.First("""SELECT 1 FROM "OpenIddictApplications" WHERE "ClientId"=@p0""", _ => "", ClientId) is not null) return;
            using var context = s.Context();
            context.Applications.Add(new ApplicationRow
            {
                Id = ids.Next(), ClientId = ClientId, ClientSecret = PasswordHashing.Unmatchable(), ClientType = "confidential",
                ConsentType = "implicit", DisplayName = "The account faces", ApplicationType = ClientColumns.Internal,
                Permissions = ClientColumns.Write([ClientColumns.GrantType + SessionRequest.SecondFactorGrant,
                    ClientColumns.Scope + Audience]),
            });
            context.SaveChanges();
        });
        clients.Reload();
    }
}
