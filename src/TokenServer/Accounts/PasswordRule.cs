using System.Collections.Frozen;
using System.IO.Compression;
using TokenServer.Foundation.Precis;
using TokenServer.Protection;

namespace TokenServer.Accounts;

/// <summary>Which passwords nobody may choose, for himself or for another. NIST SP 800-63B section 5.1.1.2: length counts; what is easily
/// guessed of a person, or chosen by many, does not pass (docs/decisions/0024).</summary>
internal static class PasswordRule
{
    private const int Shortest = 8, LeastDifferent = 4;
    private static readonly Lazy<FrozenSet<string>> Common = new(Read);

    /// <summary>What is wrong with <paramref name="password"/>, by the form of it that is hashed; null where nothing is.</summary>
    public static string? Problem(string? userName, string? email, string? password)
    {
        if (password is not { Length: >= 1 and <= PasswordHashing.LongestPassword } || OpaqueString.Prepare(password) is not { } prepared)
            return $"password must have {Shortest} to {PasswordHashing.LongestPassword:N0} characters, none of them a control character";
        var characters = prepared.EnumerateRunes().ToList();
        if (characters.Count < Shortest || characters.Distinct().Count() < LeastDifferent)
            return $"password must have {Shortest} to {PasswordHashing.LongestPassword:N0} characters, {LeastDifferent} of them different";
        if (Is(prepared, userName) || Is(prepared, email)) return "password must not be the user name or the e-mail address";
        return Common.Value.Contains(prepared.ToLowerInvariant()) ? "password is one of the 10,000 most common" : null;
    }

    private static bool Is(string prepared, string? name) =>
        name is not null && prepared.Equals(Normalization.ToFormC(name), StringComparison.OrdinalIgnoreCase);

    // Of the 10,000 those that are long enough, in lower case.
    private static FrozenSet<string> Read()
    {
        using var resource = typeof(PasswordRule).Assembly.GetManifestResourceStream("accounts/common-passwords.txt.gz")
            ?? throw new InvalidOperationException("the list of common passwords is not embedded");
        using var lines = new StreamReader(new GZipStream(resource, CompressionMode.Decompress));
        return lines.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    }
}
