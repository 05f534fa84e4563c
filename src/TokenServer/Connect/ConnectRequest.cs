using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Connect.Token;
using TokenServer.RateLimits;
using TokenServer.Sessions;
using TokenServer.Tokens;
using TokenServer.Tokens.Dpop;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect;

/// <summary>What our handlers know of one request and tell each other, beside OpenIddict's transaction.</summary>
internal sealed class ConnectRequest(HttpContext http, string issuer)
{
    private const string Key = "tokenserver.request";

    public HttpContext Http => http;

    /// <summary>The issuer identifier, to the letter.</summary>
    public string Issuer => issuer;

    /// <summary>The client that has proved who it is; at the authorization endpoint the one that is named.</summary>
    public Client? Client { get; set; }

    /// <summary>What its assertion proved, where it showed one; it may have been used before.</summary>
    public ClientAssertion? Assertion { get; set; }

    /// <summary>When the client's old secret ends, UTC, and what was decided because of it; null where it has none.</summary>
    public DateTime? SecretsChangeAt { get; set; }

    /// <summary>Whether the Authorization header was there, so that a refusal has to name its scheme.</summary>
    public bool UsedBasic { get; set; }

    /// <summary>Its proof of a key (RFC 9449); null where it has shown none.</summary>
    public ProofResult.Proven? Proof { get; set; }

    /// <summary>The key that it has proved.</summary>
    public string? KeyThumbprint => Proof?.Thumbprint;

    /// <summary>The key that refresh tokens are to be bound to; a confidential client proves itself each time, and may change its
    /// key.</summary>
    public string? RefreshedBy => Client is { IsPublic: true } ? KeyThumbprint : null;

    /// <summary>What is to be issued.</summary>
    public Grant? Grant { get; set; }

    /// <summary>The authorization request: as it was stored, or as it came.</summary>
    public AuthorizationRequest? Asked { get; set; }

    /// <summary>Where its answer goes: an address that the client has registered; null where that is not known, and it must not be
    /// answered by a redirect.</summary>
    public string? ReturnAddress { get; set; }

    /// <summary>The account that the client takes the person for (<c>id_token_hint</c>); null where it does not say.</summary>
    public string? Hinted { get; set; }

    /// <summary>What the authorization code to be issued stands for.</summary>
    public CodeContent? Code { get; set; }

    /// <summary>The authorization code that was shown.</summary>
    public StoredCode? Shown { get; set; }

    /// <summary>The access token that was issued.</summary>
    public IssuedToken? Issued { get; set; }

    /// <summary>What was introspected, where it is a token that is good.</summary>
    public (KnownToken Token, string? UserName)? Told { get; set; }

    /// <summary>The error to answer with, where it says more than OpenIddict's.</summary>
    public OAuthError? Refusal { get; set; }

    /// <summary>Whether the core has recorded why it is refused, or that is no refusal.</summary>
    public bool IsRecorded { get; set; }

    public string? Address => ClientAddress.Of(http);
    public SignInCaller Caller => new(Address, "connect") { KeyThumbprint = RefreshedBy };

    public void AttachTo(OpenIddictServerTransaction transaction) => transaction.Properties[Key] = this;

    public static ConnectRequest Of(BaseContext context) => Of(context.Transaction);

    public static ConnectRequest Of(OpenIddictServerTransaction transaction) => (ConnectRequest)transaction.Properties[Key]!;
}

/// <summary>Answers of our handlers.</summary>
internal static class ConnectAnswers
{
    /// <summary>Refuses the request with <paramref name="error"/>.</summary>
    public static void Refuse(this BaseValidatingContext context, OAuthError error)
    {
        ConnectRequest.Of(context).Refusal = error;
        context.Reject(error.Code, error.Description);
    }
}
