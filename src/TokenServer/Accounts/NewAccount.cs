using TokenServer.Accounts.TwoFactor;

namespace TokenServer.Accounts;

/// <summary>An account to be made, as the import file (contract section 7) and the command line give it.</summary>
internal sealed class NewAccount
{
    [JsonPropertyName("username")] public string UserName { get; set; } = "";
    [JsonPropertyName("email")] public string Email { get; set; } = "";
    [JsonPropertyName("name")] public string? Name { get; set; }
    [JsonPropertyName("role")] public string Role { get; set; } = "user";
    [JsonPropertyName("password")] public string Password { get; set; } = "";

    /// <summary>Base 32; with it the second factor is on from the start.</summary>
    [JsonPropertyName("totp_secret")] public string? TotpSecret { get; set; }

    /// <summary>What is wrong with it, naming the field; null where nothing is.</summary>
    public string? Problem()
    {
        if (Problem(UserName, Email, Name, Role) is { } problem) return problem;
        if (PasswordRule.Problem(UserName, Email, Password) is { } weak) return weak;
        if (TotpSecret is not null && Enrolment.Read(TotpSecret) is not { Length: >= 10 and <= 64 })
            return "totp_secret must be base 32 of 10 to 64 bytes";
        return null;
    }

    /// <summary>What is wrong with what an account shows, naming the field; null where nothing is.</summary>
    public static string? Problem(string userName, string email, string? name, string role)
    {
        if (userName is not { Length: >= 1 and <= 100 } || userName.Contains('@', StringComparison.Ordinal) || userName.Any(IsBlank))
            return "username must be 1 to 100 characters without @, spaces or control characters";
        if (email is not { Length: <= 254 } || email.Split('@') is not [{ Length: > 0 }, { Length: > 0 }] || email.Any(IsBlank))
            return "email must be an e-mail address of at most 254 characters";
        if (name?.Length > 200 || name?.Any(char.IsControl) == true)
            return "name may have 200 characters at most, and no control characters";
        if (role is not { Length: >= 1 and <= 32 } || !role.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            return "role must be 1 to 32 letters, digits, - or _; only admin has a meaning here";
        return null;
    }

    private static bool IsBlank(char c) => char.IsControl(c) || char.IsWhiteSpace(c);
}
