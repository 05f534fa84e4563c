namespace TokenServer.SignIns;

/// <summary>The pages of a logout (contract section 9). A port of the protocol's endpoint; the pages give them.</summary>
internal interface ILogoutPages
{
    /// <summary>Asks the visitor whether to sign out, who then goes to <see cref="LogoutTarget.Address"/>.</summary>
    Task AskAsync(HttpContext context, LogoutTarget target);

    /// <summary>Says that the browser is signed out.</summary>
    Task DoneAsync(HttpContext context);

    /// <summary>Says that the request makes no sense; nothing was done, and nobody is sent anywhere.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status, 400 mostly.</param>
    /// <param name="error">The error's code.</param>
    /// <param name="description">What is wrong, for the client's developer; nothing that a stranger typed is in it.</param>
    Task RefuseAsync(HttpContext context, int status, string error, string description);
}

/// <summary>Where a logout leads.</summary>
/// <param name="ClientName">The client that asks for it, as people know it; null where it is not known.</param>
/// <param name="Address">The registered address with the <c>state</c>; null for the page that says it is done.</param>
internal sealed record LogoutTarget(string? ClientName, string? Address);
