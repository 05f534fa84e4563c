using System.Buffers;
using System.Data.Common;
using InstallLifecycle.Activations;
using InstallLifecycle.Servers;
using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Receipts;

/// <summary>Receipts of confirmed installs (contract section 5b), and the keys that they can be checked with for good.</summary>
internal sealed class InstallReceipts(IInstallStorage storage, IInstallReceipts signer,
    ActivationTokens tokens, InstallServers servers, TimeProvider clock)
{
    private const string KeysSql = """
        SELECT "KeyId", "Jwk", "CreatedAt", "RevokedAt" FROM "InstallReceiptKeys" ORDER BY "CreatedAt" DESC
        """;
    private const string KeepSql = """
        INSERT INTO "InstallReceiptKeys" ("KeyId", "Jwk", "CreatedAt") VALUES (@p0, @p1, @p2) ON CONFLICT ("KeyId") DO NOTHING
        """;
    private const string RevokeSql = """UPDATE "InstallReceiptKeys" SET "RevokedAt"=@p0 WHERE "KeyId"=@p1 AND "RevokedAt" IS NULL""";

    /// <summary>The issuer that a receipt names.</summary>
    public string Issuer(HttpRequest request) => signer.Issuer(request);

    /// <summary>What the receipt of an activation of <paramref name="code"/> says, as things are for this transaction.</summary>
    public static string Describe(IInstallStatements s, ActivationRow activation, CodeRow code, string issuer, DateTime now) =>
        Write(activation, code.Hint,
            StoredServers.OfActivation(s, activation.Id) is { RevokedAt: null } server ? server.ServerId : null, issuer, now);

    /// <summary>Signs what a receipt says. It takes time.</summary>
    public SignedReceipt Sign(string description) => signer.Sign(description);

    /// <summary>Keeps a key that has signed, in the transaction in which its receipt is given out.</summary>
    public static void Keep(IInstallStatements s, ReceiptKey key, DateTime now) => s.Execute(KeepSql, key.KeyId, key.Jwk, now);

    /// <summary>The receipt of an activation; null where there is none.</summary>
    public string? Find(string activationId) => !ActivationRow.IsId(activationId) ? null
        : storage.Find(s => StoredActivations.Find(s, activationId))?.Receipt;

    /// <summary>The receipt of the install whose server's token, or whose own, <paramref name="bearerToken"/> is.</summary>
    public Outcome<ReceiptAnswer> Of(string bearerToken)
    {
        if (servers.Find(bearerToken) is { } server) return server.RevokedAt is null
            ? Answer(storage.Find(s => StoredActivations.Find(s, server.ActivationId)))
                : InstallError.InstallTokenInvalid;
        return storage.Find<Outcome<ReceiptAnswer>>(s => tokens.OwnerOf(s, bearerToken) is { } activation
            ? Answer(activation) : InstallError.InstallTokenInvalid);
    }

    /// <summary>The receipt of an activation, if its code was issued in a browser session; null where there is none.</summary>
    /// <param name="activationId">Of which activation.</param>
    /// <param name="session">What is stored of the session.</param>
    public string? Of(string activationId, string session) => !ActivationRow.IsId(activationId) ? null
        : storage.Find(s => StoredActivations.Find(s, activationId, session))?.Receipt;

    private static Outcome<ReceiptAnswer> Answer(ActivationRow? activation) => activation?.Receipt is { } receipt
        ? new ReceiptAnswer(activation.ActivationId, receipt) : InstallError.ReceiptNotFound;

    /// <summary>The keys of all receipts, and those that the next ones will be signed with, as a JWK set; one that has leaked says so
    /// as OpenID Federation 1.0 has it for historical keys (section 8.7).</summary>
    public byte[] Keys()
    {
        var kept = storage.Find(s => s.All(KeysSql, Read));
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = InstallJson.Encoder }))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys"u8);
            foreach (var key in signer.Keys.Where(k => kept.TrueForAll(row => row.KeyId != k.KeyId))) json.WriteRawValue(key.Jwk);
            foreach (var row in kept) Write(json, row);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Gives up the keys that may have signed a receipt and whose private parts the host has: they have leaked. They stay
    /// published, marked: what they signed can be read, and proves nothing any more.</summary>
    public Task RevokeKeysAsync() => storage.WriteAsync((s, _) =>
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        foreach (var key in signer.Keys)
        {
            Keep(s, key, now);
            s.Execute(RevokeSql, now, key.KeyId);
        }
        return true;
    });

    private static ReceiptKeyRow Read(DbDataReader r) => new()
        { KeyId = r.GetString(0), Jwk = r.GetString(1), CreatedAt = Row.Time(r, 2), RevokedAt = Row.TimeOrNull(r, 3) };

    private static void Write(Utf8JsonWriter json, ReceiptKeyRow row)
    {
        if (row.RevokedAt is not { } end)
        {
            json.WriteRawValue(row.Jwk);
            return;
        }
        using var jwk = JsonDocument.Parse(row.Jwk);
        json.WriteStartObject();
        foreach (var member in jwk.RootElement.EnumerateObject()) member.WriteTo(json);
        json.WriteStartObject("revoked"u8);
        json.WriteNumber("revoked_at"u8, new DateTimeOffset(end).ToUnixTimeSeconds());
        json.WriteString("reason"u8, "compromised"u8);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Write(ActivationRow activation, string codeHint, string? serverId, string issuer, DateTime now)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = InstallJson.Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("iss"u8, issuer);
            json.WriteString("jti"u8, activation.ActivationId);
            json.WriteNumber("iat"u8, new DateTimeOffset(now).ToUnixTimeSeconds());
            if (serverId is not null) json.WriteString("sub"u8, serverId);
            json.WriteString("code_hint"u8, codeHint);
            json.WriteStartObject("machine"u8);
            json.WriteString("machine_id_hash"u8, HashOf(issuer, activation.MachineId));
            json.WriteString("ssh_fingerprint"u8, activation.SshFingerprint);
            json.WriteString("hostname"u8, activation.Hostname);
            json.WriteString("public_ip"u8, activation.PublicIp);
            json.WriteEndObject();
            json.WriteBoolean("host_key_proven"u8, activation.HostKeyProven);
            json.WriteString("installer_version"u8, activation.InstallerVersion);
            json.WriteString("requested_ref"u8, activation.RequestedRef);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    // So that a receipt does not give a machine id away, nor says of two servers' receipts that they are of one machine.
    private static string HashOf(string issuer, string machineId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer}\n{machineId}")));
}
