using InstallLifecycle;
using TokenServer.Accounts;

namespace TokenServer.Installs;

/// <summary>Who may revoke servers: who may administer.</summary>
internal sealed class InstallAdministrators(AdminAccess access) : IInstallAdministrators
{
    public async ValueTask<Administrator> FindAsync(string bearerToken)
    {
        var (token, verdict) = await access.FindAsync(bearerToken);
        return new Administrator(IsKnown: token is not null, verdict == AdminVerdict.May ? token!.Subject : null);
    }
}
