using TokenServer.Clients;
using TokenServer.RateLimits;

namespace TokenServer.Connect.Token;

/// <summary>A request that has passed the shared steps: an authenticated client, allowed this grant, asking for scopes it may have.</summary>
/// <param name="HttpContext">The request itself, for its address.</param>
/// <param name="Form">Its parameters.</param>
/// <param name="Client">Who asks.</param>
/// <param name="Requested">The scopes it named; null where it named none.</param>
internal sealed record TokenRequest(HttpContext HttpContext, Form Form, Client Client, ScopeSet? Requested)
{
    /// <summary>The parameter <paramref name="name"/>; null where it is absent or empty.</summary>
    public string? this[string name] => Form[name];

    /// <summary>The scopes it named, or those the client gets when it names none.</summary>
    public ScopeSet Scopes => Requested ?? Client.DefaultScopes;

    public string? Address => ClientAddress.Of(HttpContext);
    public SignInCaller Caller => new(Address, "connect");
}
