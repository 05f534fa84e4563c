namespace InstallLifecycle.Tests.Support;

/// <summary>The host's access tokens: one of an administrator, one of anybody.</summary>
internal sealed class TestAdministrators : IInstallAdministrators
{
    public const string Token = "administrator-token", Name = "operations", Unprivileged = "access-token";

    public ValueTask<Administrator> FindAsync(string bearerToken) => new(bearerToken switch
    {
        Token => new Administrator(true, Name),
        Unprivileged => new Administrator(true, null),
        _ => default,
    });
}
