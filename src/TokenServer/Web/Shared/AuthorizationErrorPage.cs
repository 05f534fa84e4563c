using TokenServer.SignIns;

namespace TokenServer.Web.Shared;

/// <summary>The page of an authorization request that must not be answered by a redirect, in words for the person and for the client's
/// developer.</summary>
internal sealed class AuthorizationErrorPage : IAuthorizationErrorPage
{
    public Task WriteAsync(HttpContext context, int status, string error, string? description) =>
        new Page<RefusedRequestPage>(new RefusedRequest(status, error, description), status).ExecuteAsync(context);
}

/// <summary>What is wrong with a client's request.</summary>
internal sealed record RefusedRequest(int Status, string Error, string? Description);
