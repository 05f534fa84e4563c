using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.Sessions;

/// <summary>What an authorization code stands for: who allowed what, and what the exchange has to show.</summary>
/// <param name="AccountId">Whose sign-in it is.</param>
/// <param name="SignInId">The browser's session.</param>
/// <param name="Stamp">The account's security stamp: another one after a change of the password.</param>
internal sealed record CodeContent(int AccountId, long SignInId, string? Stamp)
{
    public required ScopeSet Scopes { get; init; }

    /// <summary>When the account signed in, UTC.</summary>
    public required DateTime AuthTime { get; init; }

    /// <summary>How, in the words of RFC 8176.</summary>
    public required string[] Methods { get; init; }
    public required string RedirectUri { get; init; }

    /// <summary>The S256 challenge (RFC 7636); null where the client need not send one and did not.</summary>
    public string? CodeChallenge { get; init; }
    public string? Nonce { get; init; }

    /// <summary><c>dpop_jkt</c>: the key that the exchange has to prove (RFC 9449 section 10); null where it may be any, or none.</summary>
    public string? KeyThumbprint { get; init; }

    public string ToJson()
    {
        var members = new Dictionary<string, string>
        {
            ["scope"] = Scopes.ToString(), ["auth_time"] = AuthTime.ToString("O", CultureInfo.InvariantCulture),
            ["amr"] = string.Join(' ', Methods), ["redirect_uri"] = RedirectUri, ["sign_in"] = TimeOrderedId.ToText(SignInId),
        };
        if (Stamp is not null) members["stamp"] = Stamp;
        if (CodeChallenge is not null) members["code_challenge"] = CodeChallenge;
        if (Nonce is not null) members["nonce"] = Nonce;
        if (KeyThumbprint is not null) members["dpop_jkt"] = KeyThumbprint;
        return ClientColumns.Write(members);
    }

    public static CodeContent Read(string subject, string json)
    {
        var members = ClientColumns.ReadTexts(json);
        return new(int.Parse(subject, CultureInfo.InvariantCulture), TimeOrderedId.Parse(members["sign_in"])!.Value,
            members.GetValueOrDefault("stamp"))
        {
            Scopes = ScopeSet.Parse(members["scope"]), Methods = members["amr"].Split(' ', StringSplitOptions.RemoveEmptyEntries),
            AuthTime = DateTime.Parse(members["auth_time"], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
            RedirectUri = members["redirect_uri"], CodeChallenge = members.GetValueOrDefault("code_challenge"),
            Nonce = members.GetValueOrDefault("nonce"), KeyThumbprint = members.GetValueOrDefault("dpop_jkt"),
        };
    }
}
