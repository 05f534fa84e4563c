using InstallLifecycle.Activations;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Watching;

namespace InstallLifecycle.Servers;

/// <summary>Registers servers: by the token of an install under way, or, where there were two of one and an administrator has said that
/// it goes on, by the receipt of the install (contract sections 5 and 5b).</summary>
internal sealed class Registrations(IInstallStorage storage, ActivationTokens tokens, IInstallClients clients)
{
    // A lost answer is repeated a few times; more than that is somebody who fills the audit trail.
    private const int MostRegistrations = 200, RecordedRegistrations = 3;

    // How long the right one may take to come, and to check in.
    private static readonly TimeSpan RekeyTime = TimeSpan.FromDays(1);

    // No more tokens for this install; its next one starts anew.
    private static readonly InstallError rateLimited = InstallError.RateLimitExceeded(TimeSpan.FromHours(1));

    /// <summary>Registers the server of an install, or gives it a new token; the old one is dead.</summary>
    public async Task<Registration> RegisterAsync(RegisterRequest request, Caller caller) =>
        // What a stranger makes up is refused by a reader, and costs the one writer nothing.
        storage.Find(s => Find(s, request)) is { Refusal: { } refusal } found
            ? new Registration(found.Server?.ServerId, refusal) : await RegisterKnownAsync(request, caller);

    private Task<Registration> RegisterKnownAsync(RegisterRequest request, Caller caller) => storage.WriteAsync((s, events) =>
    {
        var (activation, known, refusal) = Find(s, request);
        if (refusal is not null) return new Registration(known?.ServerId, refusal);
        DateTime now = tokens.Now;
        byte[] secret = ServerToken.CreateSecret();
        var server = known ?? Create(activation!, request, now);
        string? key = request.HasRatchet || request.Receipt is not null ? CheckinKey.Create() : null;
        (server.TokenHash, server.TokenCreatedAt, server.AgentVersion) = (ServerToken.Of(0, secret).Hash, now, request.AgentVersion);
        (server.CheckinKeyHash, server.UsedKeyHash, server.CheckinSalt, server.CheckinNonceHash) =
            (key is null ? null : CheckinKey.HashOf(key), null, null, null);
        if (request.Receipt is not null)
            (server.Hostname, server.PublicIp, server.CloneSuspectedAt, server.RekeyedAt) = (request.Hostname, request.PublicIp, null, now);
        server.Registrations++;
        if (known is not null) StoredServers.Save(s, server);
        else
        {
            StoredServers.Add(s, server);
            Steps.Add(s, events, new StepRow(StoredCodes.Find(s, activation!.CodeId)!, StepRow.Registered, now));
        }
        if (server.Registrations <= RecordedRegistrations || request.Receipt is not null)
            events.Record(new InstallEvent(known is null ? "server.registered"
                : request.Receipt is null ? "server.token_replaced" : "server.rekeyed",
                now, server.ServerId, caller, activation!.ActivationId));
        return new Registration(server.ServerId, ServerToken.Of(server.Id, secret).ToString(), key, known is null);
    });

    private Found Find(IInstallStatements s, RegisterRequest request)
    {
        var found = request.Receipt is null ? ByToken(s, request) : ByReceipt(s, request);
        if (found.Refusal is not null || found.Server is not { } server) return found;
        return server.RevokedAt is not null ? found with { Refusal = ServerError.ServerRevoked }
            : server.Registrations >= MostRegistrations ? found with { Refusal = rateLimited } : found;
    }

    private Found ByToken(IInstallStatements s, RegisterRequest request)
    {
        var activation = tokens.FindInstall(s, request.InstallToken!);
        if (activation is null || activation.ClientId is { } client && !clients.Vouches(client, activation.ActivatedAt))
            return new(null, null, InstallError.InstallTokenInvalid);
        if (request.Machine != MachineOf(activation) || request.Hostname != activation.Hostname
            || request.PublicIp != activation.PublicIp) return new(null, null, InstallError.MachineMismatch);
        var server = StoredServers.OfActivation(s, activation.Id);
        return new(activation, server, server?.CloneSuspectedAt is null ? null : ServerError.CloneSuspected);
    }

    // The receipt is the one that was given out, to the letter: so a signing key that has leaked opens nothing here.
    private Found ByReceipt(IInstallStatements s, RegisterRequest request)
    {
        string? id = ActivationIdOf(request.Receipt!);
        var activation = id is null ? null : StoredActivations.Find(s, id);
        if (activation is not { Status: ActivationRow.Confirmed, Receipt: { } given } || !CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(request.Receipt!))))
            return new(null, null, ServerError.ReceiptInvalid);
        if (request.Machine != MachineOf(activation)) return new(null, null, InstallError.MachineMismatch);
        if (StoredServers.OfActivation(s, activation.Id) is not { } server) return new(null, null, ServerError.ReceiptInvalid);
        DateTime now = tokens.Now;
        bool isAllowed = server.RekeyAllowedAt is { } at && at > now - RekeyTime && !StoredTime.IsAhead(at, now);
        return new(activation, server, isAllowed || server.RevokedAt is not null ? null
            : server.CloneSuspectedAt is null ? ServerError.RekeyNotAllowed : ServerError.CloneSuspected);
    }

    private static Machine MachineOf(ActivationRow activation) => new(activation.MachineId, activation.SshFingerprint);

    private static string? ActivationIdOf(string receipt)
    {
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(receipt.Split('.') is [_, var payload, _] ? payload : ""));
            return claims.RootElement.GetProperty("jti"u8).GetString() is { } id && ActivationRow.IsId(id) ? id : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // What anybody may send, and is no receipt.
            return null;
        }
    }

    private static ServerRow Create(ActivationRow activation, RegisterRequest request, DateTime now) => new()
    {
        ServerId = "srv_" + RandomNumberGenerator.GetHexString(16, lowercase: true), ActivationId = activation.Id, TokenHash = "",
        Hostname = request.Hostname, PublicIp = request.PublicIp, AgentVersion = request.AgentVersion, RegisteredAt = now,
    };

    private sealed record Found(ActivationRow? Activation, ServerRow? Server, InstallError? Refusal);
}

/// <summary>A registration: the server, its token, and the key of its first check-in; or why it was refused.</summary>
internal sealed record Registration(string? ServerId, string? Token, string? CheckinKey, bool IsNew, InstallError? Error)
{
    public Registration(string serverId, string token, string? checkinKey, bool isNew) : this(serverId, token, checkinKey, isNew, null)
    {
    }

    public Registration(string? serverId, InstallError error) : this(serverId, null, null, false, error)
    {
    }
}
