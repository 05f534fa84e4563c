using InstallLifecycle.Activations;
using InstallLifecycle.Codes;
using InstallLifecycle.Expiry;
using InstallLifecycle.Servers;
using InstallLifecycle.Tokens;

namespace InstallLifecycle;

/// <summary>What a host may ask of the lifecycle beside its routes.</summary>
public sealed class Lifecycle
{
    private readonly InstallActivations activations;
    private readonly InstallTokenLookup tokens;
    private readonly InstallKeys keys;
    private readonly InstallExpiry expiry;
    private readonly CodeRevocation codes;
    private readonly InstallServers servers;

    internal Lifecycle(InstallActivations activations, InstallTokenLookup tokens, InstallKeys keys, InstallExpiry expiry, CodeRevocation codes, InstallServers servers) =>
        (this.activations, this.tokens, this.keys, this.expiry, this.codes, this.servers) = (activations, tokens, keys, expiry, codes, servers);

    /// <summary>Activates a code: route 4, with its checks and limits.</summary>
    /// <param name="body">The fields as they came.</param>
    /// <param name="caller">Who asks.</param>
    public async Task<Outcome<Activated>> ActivateAsync(ActivateBody body, Caller caller)
    {
        var (request, wrong) = ActivateRequest.Of(body);
        return request is null ? wrong! : await activations.ActivateAsync(request, caller);
    }

    /// <summary>Whether <paramref name="text"/> looks like a precheck, install or server token.</summary>
    public static bool Recognizes(string text) => InstallTokenLookup.Recognizes(text);

    /// <summary>The token that <paramref name="text"/> is, if it is good now.</summary>
    public KnownInstallToken? FindToken(string text) => tokens.Find(text);

    /// <summary>Expires and deletes what is due; the schedule does so every minute.</summary>
    /// <param name="ct">Stops between two batches.</param>
    public Task<ExpiredInstalls> ExpireAsync(CancellationToken ct) => expiry.RunAsync(ct);

    /// <summary>Puts new keys to work; what the old ones made stays good to its end.</summary>
    /// <param name="actor">Who does it.</param>
    public Task RotateKeysAsync(string actor) => keys.RotateAsync(actor);

    /// <summary>Replaces all keys, which have leaked: precheck tokens, install tokens and codes are dead at once.</summary>
    /// <param name="actor">Who does it.</param>
    public Task ReplaceKeysAsync(string actor) => keys.ReplaceAllAsync(actor);

    /// <summary>Revokes an unconfirmed code, its activation and its server. False where there is none.</summary>
    /// <param name="codeId">The code's number.</param>
    /// <param name="actor">Who does it.</param>
    public Task<bool> RevokeCodeAsync(long codeId, Caller actor) => codes.RevokeAsync(codeId, actor);

    /// <summary>Revokes a server. False where there is none.</summary>
    /// <param name="serverId"><c>srv_</c> and 16 hex digits.</param>
    /// <param name="actor">Who does it.</param>
    public Task<bool> RevokeServerAsync(string serverId, Caller actor) => servers.RevokeAsync(serverId, actor);
}
