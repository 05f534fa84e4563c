namespace TokenServer.SignIns;

/// <summary>The page of what must not be answered by a redirect (RFC 6749 section 4.1.2.1): the client or its address is not known. A port
/// of the protocol's endpoints; the pages give it.</summary>
internal interface IAuthorizationErrorPage
{
    /// <summary>Answers with a page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status, 400 mostly.</param>
    /// <param name="error">The error's code.</param>
    /// <param name="description">What is wrong, for the client's developer; nothing that a stranger typed is in it.</param>
    Task WriteAsync(HttpContext context, int status, string error, string? description);
}
