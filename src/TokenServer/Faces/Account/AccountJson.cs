namespace TokenServer.Faces.Account;

internal sealed record LoginAnswer(string Token,
    [property: JsonPropertyName("expires_in")] long ExpiresIn, string RefreshToken, UserAnswer User);

internal sealed record UserAnswer(string Id, string Username, string? Email);

internal sealed record RefreshAnswer(string Token, [property: JsonPropertyName("expires_in")] long ExpiresIn, string RefreshToken);

/// <summary><c>{error, requires_2fa:true, temp_token}</c>.</summary>
internal sealed record SecondFactorAnswer(string Error, [property: JsonPropertyName("requires_2fa")] bool RequiresSecondFactor,
    [property: JsonPropertyName("temp_token")] string TempToken);

internal sealed record MessageAnswer(string Message);

/// <summary>A key just made; what it is for and its end are told where the request named them.</summary>
internal sealed record NewKeyAnswer(string KeyId, string ApiKey, string Name, string CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Scope = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExpiresAt = null);

internal sealed record KeyAnswer(string KeyId, string Name, string CreatedAt, string? LastUsed);

internal sealed record SetupAnswer(string Secret, [property: JsonPropertyName("otpauth_uri")] string OtpauthUri,
    [property: JsonPropertyName("qr_svg")] string QrSvg);

internal sealed record RecoveryCodesAnswer([property: JsonPropertyName("recovery_codes")] string[] RecoveryCodes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LoginAnswer))]
[JsonSerializable(typeof(RefreshAnswer))]
[JsonSerializable(typeof(SecondFactorAnswer))]
[JsonSerializable(typeof(MessageAnswer))]
[JsonSerializable(typeof(NewKeyAnswer))]
[JsonSerializable(typeof(KeyAnswer[]))]
[JsonSerializable(typeof(SetupAnswer))]
[JsonSerializable(typeof(RecoveryCodesAnswer))]
internal sealed partial class AccountJson : JsonSerializerContext;
