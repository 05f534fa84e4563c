using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Connect.Token;
using TokenServer.RateLimits;
using TokenServer.Tokens;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect;

/// <summary>What our handlers know of one request and tell each other, beside OpenIddict's transaction.</summary>
internal sealed class ConnectRequest(HttpContext http, string issuer)
{
    private const string Key = "tokenserver.request";

    public HttpContext Http => http;

    /// <summary>The issuer identifier, to the letter.</summary>
    public string Issuer => issuer;

    /// <summary>The client that has proved who it is.</summary>
    public Client? Client { get; set; }

    /// <summary>Whether the Authorization header was there, so that a refusal has to name its scheme.</summary>
    public bool UsedBasic { get; set; }

    /// <summary>What is to be issued.</summary>
    public Grant? Grant { get; set; }

    /// <summary>The access token that was issued.</summary>
    public IssuedToken? Issued { get; set; }

    /// <summary>What was introspected, where it is a token that is good.</summary>
    public (KnownToken Token, string? UserName)? Told { get; set; }

    /// <summary>The error to answer with, where it says more than OpenIddict's.</summary>
    public OAuthError? Refusal { get; set; }

    public string? Address => ClientAddress.Of(http);
    public SignInCaller Caller => new(Address, "connect");

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
