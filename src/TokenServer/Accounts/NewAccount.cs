using TokenServer.Accounts.TwoFactor;
using TokenServer.Clients;
using TokenServer.Foundation.Precis;

namespace TokenServer.Accounts;

/// <summary>An account to be made, as the import file (contract section 7) and the command line give it.</summary>
internal sealed class NewAccount
{
    /// <summary>The role of who administers nothing.</summary>
    public const string OrdinaryRole = "user";

    /// <summary>Characters of a full name.</summary>
    public const int LongestName = 200;

    /// <summary>As it is shown: without the space around it, and in the form that user names have (RFC 8265).</summary>
    [JsonPropertyName("username")]
    public string UserName { get; set => field = value?.Trim() is { } name ? UserNameProfile.Preserve(name) ?? name : value!; } = "";

    [JsonPropertyName("email")] public string Email { get; set => field = value?.Trim()!; } = "";
    [JsonPropertyName("name")] public string? Name { get; set => field = value?.Trim(); }
    [JsonPropertyName("role")] public string Role { get; set; } = OrdinaryRole;
    [JsonPropertyName("password")] public string Password { get; set; } = "";

    /// <summary>Base 32; with it the second factor is on from the start.</summary>
    [JsonPropertyName("totp_secret")] public string? TotpSecret { get; set; }

    /// <summary>What is wrong with it, naming the field; null where nothing is.</summary>
    public string? Problem()
    {
        if (UserName is not { Length: >= 1 and <= 100 } || UserName.Contains('@', StringComparison.Ordinal)
            || UserNameProfile.Preserve(UserName) is null)
            return "username must be 1 to 100 letters, digits and ASCII signs, without @, spaces or invisible characters";
        if (Problem(Email, Name, Role) is { } problem) return problem;
        if (PasswordRule.Problem(UserName, Email, Password) is { } weak) return weak;
        if (TotpSecret is not null && Enrolment.Read(TotpSecret) is not { Length: >= 10 and <= 64 })
            return "totp_secret must be base 32 of 10 to 64 bytes";
        return null;
    }

    /// <summary>What is wrong with what may be changed of what an account shows, naming the field; null where nothing is.</summary>
    public static string? Problem(string email, string? name, string role)
    {
        if ((EmailProblem(email) ?? NameProblem(name)) is { } problem) return problem;
        if (role is not { Length: >= 1 and <= 32 } || !role.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            return "role must be 1 to 32 letters, digits, - or _; only admin, auditor and helpdesk have a meaning here";
        if (AdminRoles.All.FirstOrDefault(known => role != known && role.Equals(known, StringComparison.OrdinalIgnoreCase)) is { } meant)
            return $"role must be written {meant}";
        return null;
    }

    /// <summary>What is wrong with an e-mail address, without the space around it; null where nothing is.</summary>
    public static string? EmailProblem(string email) =>
        email is not { Length: <= 254 } || email.Split('@') is not [{ Length: > 0 }, { Length: > 0 }] || email.Any(IsBlank)
            ? "email must be an e-mail address of at most 254 characters" : null;

    /// <summary>What is wrong with a full name, without the space around it; null where nothing is.</summary>
    public static string? NameProblem(string? name) => name?.Length > LongestName || name?.Length > 0 && GivenName.Of(name) is null
        ? $"name may have {LongestName} characters at most; it {GivenName.Rule}" : null;

    private static bool IsBlank(char c) =>
        char.IsControl(c) || char.IsWhiteSpace(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format;
}
