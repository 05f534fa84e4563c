using InstallLifecycle;
using TokenServer.Clients;
using TokenServer.Tokens;

namespace TokenServer.Installs;

/// <summary>Who may revoke servers: whose access token has the scope <c>admin</c> (contract section 6).</summary>
internal sealed class InstallAdministrators(TokenLookup tokens) : IInstallAdministrators
{
    public async ValueTask<Administrator> FindAsync(string bearerToken) => await tokens.FindAccessTokenAsync(bearerToken) is { } token
        ? new Administrator(IsKnown: true, ScopeSet.Parse(token.Scope).Contains(ScopeSet.Admin) ? token.Subject : null) : default;
}
