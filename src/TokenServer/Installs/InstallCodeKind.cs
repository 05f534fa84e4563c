using InstallLifecycle;
using TokenServer.Audit;
using TokenServer.Tokens;

namespace TokenServer.Installs;

/// <summary>Install codes, which are no tokens: an administrator ends one by its text.</summary>
internal sealed class InstallCodeKind(Lifecycle lifecycle) : IRevocableKind
{
    public bool Recognizes(string text) => Lifecycle.IsCode(text);

    public ValueTask<KnownToken?> FindAsync(string text) => new((KnownToken?)null);

    public async Task<string?> RevokeAsync(string text, Actor actor)
    {
        if (lifecycle.Explain(text) is not { Check: null } code) return null;
        await lifecycle.RevokeTokenAsync(text, new Caller(actor.Address ?? "", "", "", actor.Name) { ClientId = actor.ClientId });
        return code.Kind;
    }
}
