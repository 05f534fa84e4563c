using InstallLifecycle;
using InstallLifecycle.Tokens;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Tokens;

namespace TokenServer.Installs;

/// <summary>Precheck, install and server tokens, for introspection.</summary>
internal sealed class InstallTokenKind(Lifecycle lifecycle, ClientRegistry clients) : IRevocableKind
{
    public bool Recognizes(string text) => Lifecycle.Recognizes(text);

    public ValueTask<KnownToken?> FindAsync(string text) => new(lifecycle.FindToken(text) is { } token ? Known(token) : null);

    /// <summary>A server token's server; a precheck or install token's code, and what hangs on it.</summary>
    public async Task<string?> RevokeAsync(string text, Actor actor)
    {
        if (lifecycle.FindToken(text) is not { } token) return null;
        await lifecycle.RevokeTokenAsync(text, new Caller(actor.Address ?? "", "", "", actor.Name) { ClientId = actor.ClientId });
        return token.Use;
    }

    private KnownToken Known(KnownInstallToken token) => new()
    {
        Use = token.Use, Client = token.ClientId is { } client ? clients.Find(client) : null, JwtId = token.JwtId,
        Subject = token.Subject, Audiences = [token.Audience], IssuedAt = token.IssuedAt, ExpiresAt = token.ExpiresAt,
    };
}
