using TokenServer.Foundation.Precis;

namespace TokenServer.Storage;

/// <summary>A part of the names that people use, by which a list is searched (contract section 6): in any case, and each of its characters
/// stands for itself.</summary>
internal sealed class NamePart
{
    /// <summary>The longest that is looked for; no name is longer.</summary>
    public const int Longest = 254;
    private static readonly string[] AccountPrefixes = ["usr_", "user_"];
    private readonly string folded;

    private NamePart(string text) => (Text, folded) = (text, Fold(text));

    /// <summary>As it was typed, without blanks around it.</summary>
    public string Text { get; }

    /// <summary>The account whose number, in any face's spelling, it is; null where it is none.</summary>
    public int? AccountId =>
        int.TryParse(AccountPrefixes.FirstOrDefault(p => Text.StartsWith(p, StringComparison.OrdinalIgnoreCase)) is { } prefix
            ? Text[prefix.Length..] : Text, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null;

    /// <summary>How an address begins that it may be a part of; null where no address has such characters.</summary>
    public string? AddressStart => Text.Any(char.IsAsciiDigit) && Text.All(c => char.IsAsciiHexDigit(c) || c is '.' or ':')
        ? Text.ToLowerInvariant() : null;

    /// <summary>What <paramref name="text"/> asks for; null where that is nothing.</summary>
    // PostgreSQL takes no NUL, and has none in any name.
    public static NamePart? Of(string? text) => text?.Trim() is { Length: > 0 } found ? new NamePart(found.Replace('\0', '\ufffd')) : null;

    /// <summary>A name as it is compared: whatever its case, and however its letters are composed.</summary>
    public static string Fold(string text) => Normalization.ToFormC(text).ToUpperInvariant();

    /// <summary>Whether it is a part of <paramref name="name"/>.</summary>
    public bool IsIn(string? name) => name is not null && Fold(name).Contains(folded, StringComparison.Ordinal);

    /// <summary>Whether it is a part of the names of <paramref name="account"/>, or its number.</summary>
    public bool IsOf(AccountName account) =>
        IsIn(account.UserName) || IsIn(account.Email) || IsIn(account.Name) || account.Id == AccountId;

    /// <summary>The pattern of <c>LIKE</c>, with <c>\</c> before what is no wildcard here.</summary>
    public string Pattern => $"%{Literally(folded)}%";

    /// <summary>The condition that an account of AspNetUsers meets whose user name, e-mail address or name it is a part of, or whose number
    /// it is.</summary>
    public string OfAccount(Conditions where)
    {
        string pattern = where.Bind(Pattern);
        string names = string.Join(" OR ", ((string[])["NormalizedUserName", "NormalizedEmail", "NormalizedName"])
            .Select(column => $"""
                "{column}" LIKE {pattern} ESCAPE '\'
                """));
        return AccountId is { } id ? $"""({names} OR "Id"={where.Bind(id)})""" : $"({names})";
    }

    /// <summary><paramref name="text"/> with <c>\</c> before what is no wildcard of <c>LIKE</c> here.</summary>
    public static string Literally(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}
