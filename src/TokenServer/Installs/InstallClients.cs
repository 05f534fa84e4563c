using InstallLifecycle;
using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.Installs;

/// <summary>What a client got by the install grant dies with it, as its other tokens do.</summary>
internal sealed class InstallClients(ClientRegistry clients) : IInstallClients
{
    public bool Vouches(string clientId, DateTime time) =>
        // Ids are made to the millisecond: whatever the client was given in the one that it was registered or restored in is its own.
        clients.Find(clientId)?.Vouches(TimeOrderedId.FirstAt(time.AddMilliseconds(1))) == true;
}
