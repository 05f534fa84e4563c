using TokenServer.Foundation;
using TokenServer.Storage.Rows;

namespace TokenServer.Faces.VpnEnterprise;

internal sealed record LoginAnswer(bool Success, string Token, string RefreshToken, string TokenType, long ExpiresIn, UserAnswer User);

internal sealed record RefreshAnswer(bool Success, string Token, string RefreshToken, string TokenType, long ExpiresIn);

/// <summary><c>{success:false, error, requires_2fa:true, temp_token}</c>.</summary>
internal sealed record SecondFactorAnswer(bool Success, string Error,
    [property: JsonPropertyName("requires_2fa")] bool RequiresSecondFactor, string TempToken);

internal sealed record LogoutAnswer(bool Success, string Message);

internal sealed record MeAnswer(bool Success, UserAnswer User);

internal sealed record UserAnswer(string Id, string? Email, string Name, string Role, string CreatedAt, string? LastLogin)
{
    /// <param name="account">The account; one without a full name is shown by its user name.</param>
    /// <param name="lastLogin">Its last sign-in, UTC.</param>
    public static UserAnswer Of(AccountSnapshot account, DateTime? lastLogin) =>
        new("usr_" + account.Subject, account.Email, account.Name ?? account.UserName,
            account.Role, Timestamps.Of(account.CreatedAt), Timestamps.Of(lastLogin));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LoginAnswer))]
[JsonSerializable(typeof(RefreshAnswer))]
[JsonSerializable(typeof(SecondFactorAnswer))]
[JsonSerializable(typeof(LogoutAnswer))]
[JsonSerializable(typeof(MeAnswer))]
internal sealed partial class VpnEnterpriseJson : JsonSerializerContext;
