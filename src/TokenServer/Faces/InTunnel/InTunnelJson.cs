using TokenServer.Accounts.Tunnels;
using TokenServer.Foundation;
using TokenServer.Storage.Rows;

namespace TokenServer.Faces.InTunnel;

/// <summary><c>{success:true, token, user}</c>.</summary>
internal sealed record LoginAnswer(bool Success, string Token, UserAnswer User);

internal sealed record UserAnswer(int Id, string? Email, string Username)
{
    public static UserAnswer Of(AccountSnapshot account) => new(account.Id, account.Email, account.UserName);
}

/// <summary><c>{success:false, requires_2fa:true, temp_token}</c>.</summary>
internal sealed record SecondFactorAnswer(bool Success,
    [property: JsonPropertyName("requires_2fa")] bool RequiresSecondFactor, string TempToken);

/// <summary><c>{success:true}</c>.</summary>
internal sealed record DoneAnswer(bool Success);

internal sealed record TunnelsAnswer(bool Success, TunnelAnswer[] Tunnels);

internal sealed record OneTunnelAnswer(bool Success, TunnelAnswer Tunnel);

/// <summary>A tunnel; <c>token</c> is there only when it was just made.</summary>
internal sealed record TunnelAnswer(int Id, string Name, string TokenHint, string CreatedAt, string? LastUsedAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }

    public static TunnelAnswer Of(Tunnel t) => new(t.Id, t.Name, t.TokenHint, Timestamps.Of(t.CreatedAt), Timestamps.Of(t.LastUsedAt));
    public static TunnelAnswer Of(TunnelWithToken made) => Of(made.Tunnel) with { Token = made.Token };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LoginAnswer))]
[JsonSerializable(typeof(SecondFactorAnswer))]
[JsonSerializable(typeof(DoneAnswer))]
[JsonSerializable(typeof(TunnelsAnswer))]
[JsonSerializable(typeof(OneTunnelAnswer))]
internal sealed partial class InTunnelJson : JsonSerializerContext;
