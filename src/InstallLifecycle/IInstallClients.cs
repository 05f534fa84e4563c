namespace InstallLifecycle;

/// <summary>Port: the OAuth clients that activate by the grant.</summary>
public interface IInstallClients
{
    /// <summary>Whether what <paramref name="clientId"/> was given at <paramref name="time"/> is still good: the client is there,
    /// and was not revoked since.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="time">When, UTC.</param>
    bool Vouches(string clientId, DateTime time);
}
