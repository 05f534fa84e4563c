using InstallLifecycle.Codes;
using InstallLifecycle.Servers;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Tokens;

/// <summary>A token of the lifecycle that is good now, as introspection tells of it.</summary>
/// <param name="Use"><c>precheck</c>, <c>install</c> or <c>server</c>.</param>
/// <param name="Subject">The machine, the activation or the server.</param>
/// <param name="Audience"><c>install</c> or <c>servers</c>.</param>
/// <param name="JwtId">Its id.</param>
/// <param name="IssuedAt">Unix seconds.</param>
/// <param name="ExpiresAt">Unix seconds; null for a server token.</param>
/// <param name="ClientId">The OAuth client that got it, if one did.</param>
public sealed record KnownInstallToken(string Use, string Subject, string Audience,
    string JwtId, long IssuedAt, long? ExpiresAt, string? ClientId = null);

/// <summary>Any string → the lifecycle's token that it is, if it is good now.</summary>
internal sealed class InstallTokenLookup(IInstallStorage storage, InstallKeys keys,
    InstallTokens tokens, InstallServers servers, IInstallClients clients, TimeProvider clock)
{
    public static bool Recognizes(string text) =>
        InstallTokens.Recognizes(text) || text.StartsWith(ServerToken.Prefix, StringComparison.Ordinal);

    public KnownInstallToken? Find(string text)
    {
        if (!InstallTokens.Recognizes(text)) return servers.Find(text) is { RevokedAt: null } server ? Known(server) : null;
        DateTime now = clock.GetUtcNow().UtcDateTime;
        return storage.Find(s =>
        {
            var keySet = keys.Read(s);
            if (tokens.Read(keySet, InstallKeys.Install, text) is { Token: { } install, HasExpired: false })
                return StoredActivations.Find(s, install.Subject) is { Status: ActivationRow.Activated } activation
                    && (activation.ClientId is not { } client || clients.Vouches(client, activation.ActivatedAt))
                        ? Known(InstallKeys.Install, install) with { ClientId = activation.ClientId } : null;
            if (tokens.Read(keySet, InstallKeys.Precheck, text) is not { Token: { } precheck, HasExpired: false }
                || StoredCodes.Find(s, precheck.CodeId) is not { MachineId: not null } code) return null;
            var live = StoredActivations.Live(s, code.Id);
            bool isGood = code.Binding == precheck.Binding && code.Status is (CodeRow.Prechecked or CodeRow.Activated)
                && CodeState.Refuse(code, live, new Machine(code.MachineId, code.SshFingerprint!), now) is null;
            return isGood ? Known(InstallKeys.Precheck, precheck) : null;
        });
    }

    /// <summary>The number of the code that a text is, or that a precheck or install token belongs to, whatever has become of it;
    /// null where it is no such thing.</summary>
    public long? CodeOf(string text) => storage.Find(s =>
    {
        var keySet = keys.Read(s);
        return (tokens.Read(keySet, InstallKeys.Install, text).Token ?? tokens.Read(keySet, InstallKeys.Precheck, text).Token)?.CodeId
            ?? InstallCodes.Find(s, keySet, InstallCode.Parse(text))?.Id;
    });

    private static KnownInstallToken Known(string use, InstallToken token) =>
        new(use, token.Subject, InstallTokens.Audience, token.JwtId, token.IssuedAt, token.ExpiresAt);

    private static KnownInstallToken Known(ServerRow server) =>
        new("server", server.ServerId, "servers", server.ServerId, new DateTimeOffset(server.TokenCreatedAt).ToUnixTimeSeconds(), null);
}
