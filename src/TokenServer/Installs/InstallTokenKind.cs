using InstallLifecycle;
using InstallLifecycle.Tokens;
using TokenServer.Tokens;

namespace TokenServer.Installs;

/// <summary>Precheck, install and server tokens, for introspection.</summary>
internal sealed class InstallTokenKind(Lifecycle lifecycle) : ITokenKind
{
    public bool Recognizes(string text) => Lifecycle.Recognizes(text);

    public ValueTask<KnownToken?> FindAsync(string text) => new(lifecycle.FindToken(text) is { } token ? Known(token) : null);

    private static KnownToken Known(KnownInstallToken token) => new()
    {
        Use = token.Use, JwtId = token.JwtId, Subject = token.Subject, Audiences = [token.Audience], IssuedAt = token.IssuedAt, ExpiresAt = token.ExpiresAt,
    };
}
