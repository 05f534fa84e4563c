namespace TokenServer.Storage.Rows;

/// <summary>What is dead before its time, kept until nothing of it could be alive: the id of a session or a token; or a client of which
/// something happened that ends what it was given.</summary>
internal sealed class RevocationRow
{
    public const int Token = 1, Client = 2;

    public long Id { get; set; }

    /// <summary>The session, the token, or the client's row.</summary>
    public long DeadId { get; set; }
    public DateTime ExpiresAt { get; set; }

    /// <summary><see cref="Token"/> or <see cref="Client"/>; null: a session.</summary>
    public int? Kind { get; set; }

    /// <summary>The client that got the token, or that it happened to.</summary>
    public string? ClientId { get; set; }

    /// <summary>The token's audiences, or the client's permissions, which say what its tokens were for; JSON.</summary>
    public string? Audiences { get; set; }

    /// <summary>When the token was revoked; the others' time is in <see cref="ExpiresAt"/>.</summary>
    public DateTime? RevokedAt { get; set; }
}
