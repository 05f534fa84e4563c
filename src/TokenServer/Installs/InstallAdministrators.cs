using InstallLifecycle;
using TokenServer.Accounts;

namespace TokenServer.Installs;

/// <summary>Who may revoke servers: who administers, by a role that may change installs.</summary>
internal sealed class InstallAdministrators(AdminAccess access) : IInstallAdministrators
{
    // What is bound to a key is not for showing without a proof, and these routes know none.
    public async ValueTask<Administrator> FindAsync(string bearerToken)
    {
        var caller = await access.FindAsync(bearerToken);
        return caller.Token is not { KeyThumbprint: null } token ? new Administrator(IsKnown: false, null)
            : new Administrator(IsKnown: true, caller.May(new AdminRight(AdminArea.Installs, Changes: true)) ? token.Subject : null);
    }
}
