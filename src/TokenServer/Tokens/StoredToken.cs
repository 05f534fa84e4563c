namespace TokenServer.Tokens;

/// <summary>What a stored token's row says.</summary>
/// <param name="ApplicationId">The row of the client that got it; null where none did.</param>
/// <param name="SessionId">The session it belongs to; null for a client's own.</param>
/// <param name="Subject">The account id, the <c>client_id</c>, or <c>pin</c>.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ExpiresAt">UTC.</param>
/// <param name="Properties">JSON of its kind's own.</param>
internal sealed record StoredToken(long? ApplicationId, long? SessionId, string? Subject, DateTime CreatedAt,
    DateTime ExpiresAt, string? Properties)
{
    public string Status { get; init; } = StoredTokens.Valid;
    public DateTime? RedeemedAt { get; init; }
    public string? Hash { get; init; }
}
