using InstallLifecycle.Activations;
using InstallLifecycle.Codes;
using InstallLifecycle.Expiry;
using InstallLifecycle.Listing;
using InstallLifecycle.Receipts;
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
    private readonly InstallList list;
    private readonly InstallReceipts receipts;
    private readonly InstallTokenStories stories;

    internal Lifecycle(IServiceProvider parts)
    {
        activations = parts.GetRequiredService<InstallActivations>();
        tokens = parts.GetRequiredService<InstallTokenLookup>();
        keys = parts.GetRequiredService<InstallKeys>();
        expiry = parts.GetRequiredService<InstallExpiry>();
        codes = parts.GetRequiredService<CodeRevocation>();
        servers = parts.GetRequiredService<InstallServers>();
        list = parts.GetRequiredService<InstallList>();
        receipts = parts.GetRequiredService<InstallReceipts>();
        stories = parts.GetRequiredService<InstallTokenStories>();
    }

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

    /// <summary>What <paramref name="text"/> is, whether or not it is good now: a precheck, install or server token, or a code; null
    /// where it is none of this server's.</summary>
    public InstallTokenStory? Explain(string text) => stories.Explain(text);

    /// <summary>Whether <paramref name="text"/> has the form of a code.</summary>
    public static bool IsCode(string text) => InstallCode.Parse(text) is not null;

    /// <summary>The codes, the newest first.</summary>
    /// <param name="request">Which.</param>
    public IReadOnlyList<CodeSummary> Codes(ListRequest request) => list.Codes(request);

    /// <summary>The activations, the newest first.</summary>
    /// <param name="request">Which.</param>
    public IReadOnlyList<ActivationSummary> Activations(ListRequest request) => list.Activations(request);

    /// <summary>The servers, the newest first.</summary>
    /// <param name="request">Which.</param>
    public IReadOnlyList<ServerSummary> Servers(ListRequest request) => list.Servers(request);

    /// <summary>How many codes there are, up to the request's limit.</summary>
    /// <param name="request">Which.</param>
    public int CountCodes(ListRequest request) => list.CountCodes(request);

    /// <summary>How many activations there are, up to the request's limit.</summary>
    /// <param name="request">Which.</param>
    public int CountActivations(ListRequest request) => list.CountActivations(request);

    /// <summary>How many servers there are, up to the request's limit.</summary>
    /// <param name="request">Which.</param>
    public int CountServers(ListRequest request) => list.CountServers(request);

    /// <summary>What an audit trail names that belongs to a host.</summary>
    /// <param name="pattern">As <see cref="ListRequest.Pattern"/>.</param>
    /// <param name="most">At most so many installs and as many servers, the newest.</param>
    public FoundHosts FindHosts(string pattern, int most) => list.FindHosts(pattern, most);

    /// <summary>Why installs were given up, ten reasons at most, the most frequent first.</summary>
    public IReadOnlyList<ReleaseReason> ReleaseReasons() => list.Reasons();

    /// <summary>How many there are.</summary>
    public InstallFigures Count() => list.Count();

    /// <summary>Expires and deletes what is due; the schedule does so every minute.</summary>
    /// <param name="ct">Stops between two batches.</param>
    public Task<ExpiredInstalls> ExpireAsync(CancellationToken ct) => expiry.RunAsync(ct);

    /// <summary>Puts new keys to work; what the old ones made stays good to its end.</summary>
    /// <param name="actor">Who does it.</param>
    public Task RotateKeysAsync(Caller actor) => keys.RotateAsync(actor);

    /// <summary>Replaces all keys, which have leaked: precheck tokens, install tokens and codes are dead at once,
    /// and every install that is not confirmed is revoked. It comes before the host replaces its own: those that have signed receipts are
    /// marked as leaked.</summary>
    /// <param name="actor">Who does it.</param>
    public async Task ReplaceKeysAsync(Caller actor)
    {
        await receipts.RevokeKeysAsync();
        await keys.ReplaceAllAsync(actor);
        // No code is found by the new keys; a release that set one free would promise what it cannot hold.
        await codes.RevokeUnconfirmedAsync(actor);
    }

    /// <summary>Revokes an unconfirmed code, its activation and its server.</summary>
    /// <param name="codeId">The code's number.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="isDryRun">Whether only to say what would end.</param>
    public Task<CodeRevocationResult> RevokeCodeAsync(long codeId, Caller actor, bool isDryRun) =>
        codes.RevokeAsync(codeId, actor, isDryRun);

    /// <summary>Revokes a server. How many that ended (none if it had been revoked); null where there is no such server.</summary>
    /// <param name="serverId"><c>srv_</c> and 16 hex digits.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="isDryRun">Whether only to say what would end.</param>
    public Task<int?> RevokeServerAsync(string serverId, Caller actor, bool isDryRun) => servers.RevokeAsync(serverId, actor, isDryRun);

    /// <summary>Settles which of two goes on: whether there were two; null where there is no such server.</summary>
    /// <param name="serverId"><c>srv_</c> and 16 hex digits.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="isRekey">Whether the right one may register anew, by its install's receipt; else both are revoked.</param>
    public Task<bool?> ResolveCloneAsync(string serverId, Caller actor, bool isRekey) =>
        isRekey ? servers.AllowRekeyAsync(serverId, actor) : servers.RevokeClonesAsync(serverId, actor);

    /// <summary>The receipt of an install; null where there is none.</summary>
    /// <param name="activationId"><c>act_</c> and 16 hex digits.</param>
    public string? FindReceipt(string activationId) => receipts.Find(activationId);

    /// <summary>The keys of all receipts, as a JWK set.</summary>
    public byte[] ReceiptKeys() => receipts.Keys();

    /// <summary>Revokes what a token of the lifecycle stands for: its server, or the code it belongs to and what hangs on that.</summary>
    /// <param name="token">The token.</param>
    /// <param name="actor">Who does it.</param>
    public async Task RevokeTokenAsync(string token, Caller actor)
    {
        if (servers.Find(token) is { } server) await servers.RevokeAsync(server.ServerId, actor);
        else if (tokens.CodeOf(token) is { } code) await codes.RevokeAsync(code, actor, isDryRun: false);
    }
}
