namespace InstallLifecycle;

/// <summary>Port: whether a bearer token that is none of the lifecycle's own stands for an administrator.</summary>
public interface IInstallAdministrators
{
    /// <summary>What <paramref name="bearerToken"/> is.</summary>
    ValueTask<Administrator> FindAsync(string bearerToken);
}

/// <summary>What a bearer token is.</summary>
/// <param name="IsKnown">Whether it is a good access token at all.</param>
/// <param name="Name">Who it stands for, in the audit trail; null unless it may administer.</param>
public readonly record struct Administrator(bool IsKnown, string? Name);
