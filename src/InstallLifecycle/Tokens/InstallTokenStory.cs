using InstallLifecycle.Codes;
using InstallLifecycle.Servers;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Tokens;

/// <summary>What a token of the lifecycle or a code is, whether or not it is good now.</summary>
/// <param name="Kind"><c>precheck</c>, <c>install</c>, <c>server</c> or <c>install_code</c>.</param>
/// <param name="Subject">The machine, the activation or the server; a code's hint.</param>
/// <param name="IssuedAt">UTC.</param>
/// <param name="ExpiresAt">UTC; null for a server token.</param>
public sealed record InstallTokenStory(string Kind, string Subject, DateTime IssuedAt, DateTime? ExpiresAt)
{
    /// <summary>The OAuth client that got it, if one did.</summary>
    public string? ClientId { get; init; }

    /// <summary>What it fails by: <c>expired</c>, <c>used</c>, <c>released</c>, <c>revoked</c>, <c>client_revoked</c> or
    /// <c>not_found</c>; null where it is good.</summary>
    public string? Check { get; init; }

    /// <summary>Since when, UTC, if that is known.</summary>
    public DateTime? Since { get; init; }

    /// <summary>What the audit trail calls what became of it, and of what; null where nobody did it.</summary>
    public string? Event { get; init; }
    public string? Target { get; init; }

    internal InstallTokenStory Fails(string check, DateTime? since = null) => this with { Check = check, Since = since };

    internal InstallTokenStory Revoked(DateTime? since, string happened, string target) =>
        this with { Check = "revoked", Since = since, Event = happened, Target = target };
}

/// <summary>Tells what has become of tokens and codes, in the order of the checks of <see cref="InstallTokenLookup"/>.</summary>
internal sealed class InstallTokenStories(IInstallStorage storage, InstallKeys keys, InstallTokens tokens, InstallServers servers,
    IInstallClients clients, TimeProvider clock)
{
    private const string Expired = "expired", Used = "used", Released = "released", NotFound = "not_found";

    public InstallTokenStory? Explain(string text)
    {
        if (text.StartsWith(ServerToken.Prefix, StringComparison.Ordinal)) return Server(text);
        DateTime now = clock.GetUtcNow().UtcDateTime;
        return storage.Find(s =>
        {
            var keySet = keys.Read(s);
            if (InstallTokens.Recognizes(text))
            {
                if (tokens.Read(keySet, InstallKeys.Install, text) is { Token: { } install } readInstall)
                    return Install(s, install, readInstall.HasExpired);
                return tokens.Read(keySet, InstallKeys.Precheck, text) is { Token: { } precheck } readPrecheck
                    ? Precheck(s, precheck, readPrecheck.HasExpired, now) : null;
            }
            return InstallCodes.Find(s, keySet, InstallCode.Parse(text)) is { } code ? Code(s, code, now) : null;
        });
    }

    private InstallTokenStory Server(string text)
    {
        if (servers.Find(text) is not { } server) return new InstallTokenStory("server", "", default, null).Fails(NotFound);
        var story = new InstallTokenStory("server", server.ServerId, server.TokenCreatedAt, null);
        return server.RevokedAt is { } end ? story.Revoked(end, "server.revoked", server.ServerId) : story;
    }

    private InstallTokenStory Install(IInstallStatements s, InstallToken token, bool hasExpired)
    {
        var activation = StoredActivations.Find(s, token.Subject);
        var story = Of(InstallKeys.Install, token) with { ClientId = activation?.ClientId };
        return activation?.Status switch
        {
            null => story.Fails(NotFound),
            ActivationRow.Confirmed => story.Fails(Used, activation.EndedAt),
            ActivationRow.Released => story.Fails(Released, activation.EndedAt),
            ActivationRow.Expired => story.Fails(Expired, activation.EndedAt),
            ActivationRow.Revoked => story.Revoked(activation.EndedAt, "activation.revoked", activation.ActivationId),
            _ when hasExpired => story.Fails(Expired, story.ExpiresAt),
            _ when activation.ClientId is { } client && !clients.Vouches(client, activation.ActivatedAt) =>
                story with { Check = "client_revoked", Event = "client.revoked", Target = client },
            _ => story,
        };
    }

    private static InstallTokenStory Precheck(IInstallStatements s, InstallToken token, bool hasExpired, DateTime now)
    {
        var story = Of(InstallKeys.Precheck, token);
        if (StoredCodes.Find(s, token.CodeId) is not { } code) return story.Fails(NotFound);
        if (code.Binding != token.Binding || code.Status == CodeRow.Issued) return story.Fails(Released);
        if (Code(s, code, now) is { Check: not null } dead)
            return story with { Check = dead.Check, Since = dead.Since, Event = dead.Event, Target = dead.Target };
        return hasExpired ? story.Fails(Expired, story.ExpiresAt) : story;
    }

    private static InstallTokenStory Code(IInstallStatements s, CodeRow code, DateTime now)
    {
        var live = code.Status == CodeRow.Activated ? StoredActivations.Live(s, code.Id) : null;
        var story = new InstallTokenStory("install_code", code.Hint, code.IssuedAt, live?.ExpiresAt ?? code.ExpiresAt);
        if (code.Status == CodeRow.Confirmed) return story.Fails(Used, code.EndedAt);
        if (code.Status == CodeRow.Revoked)
            return story.Revoked(code.EndedAt, "install_code.revoked", code.Id.ToString(CultureInfo.InvariantCulture));
        // Whatever machine it is bound to: this one.
        var machine = new Machine(code.MachineId ?? "", code.SshFingerprint ?? "");
        return CodeState.Refuse(code, live, machine, now) == InstallError.InstallCodeExpired
            ? story.Fails(Expired, code.EndedAt ?? story.ExpiresAt) : story;
    }

    private static InstallTokenStory Of(string kind, InstallToken token) =>
        new(kind, token.Subject, Time(token.IssuedAt), Time(token.ExpiresAt));

    private static DateTime Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime;
}
