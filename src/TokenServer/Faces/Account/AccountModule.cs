using TokenServer.Foundation;
using TokenServer.RateLimits;

namespace TokenServer.Faces.Account;

/// <summary>The Account face (contract section 4, seed 004).</summary>
internal static class AccountModule
{
    public static IServiceCollection AddAccountFace(this IServiceCollection services) => services
        .AddSingleton(new ErrorShape("/api/v1/auth", PlainAnswers.WriteAsync)).AddSingleton<AccountLimit>().AddSingleton<CredentialLimit>();

    public static void MapAccountFace(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/auth");
        SessionEndpoints.Map(group);
        KeyEndpoints.Map(group);
        CredentialEndpoints.Map(group);
    }
}

/// <summary>The bucket of this face (contract section 0).</summary>
internal sealed class AccountLimit(RateLimitsOptions options, RateWindows windows)
    : AddressLimit(windows.Create("account", options.Password));

/// <summary>The same bound for changes that cost a password hash, apart from the logins.</summary>
internal sealed class CredentialLimit(RateLimitsOptions options, RateWindows windows)
    : AddressLimit(windows.Create("account.credentials", options.Password));

/// <summary>So many requests of an address, refused in the face's shape.</summary>
internal abstract class AddressLimit(IRateWindow window)
{
    /// <summary>Counts a request: the answer to give where it may not pass, else null.</summary>
    public async ValueTask<IResult?> RefuseAsync(HttpContext context) =>
        await window.TakeAsync(ClientAddress.Key(context)) is { Allowed: false } lease
        ? RetryAfter.Set(context, lease, PlainAnswers.Error(StatusCodes.Status429TooManyRequests, FaceErrors.TooMany)) : null;
}
