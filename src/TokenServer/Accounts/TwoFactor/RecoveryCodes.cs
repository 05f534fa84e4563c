using TokenServer.Storage;

namespace TokenServer.Accounts.TwoFactor;

/// <summary>Ten codes of 80 random bits, each good once instead of a TOTP code. Stored as SHA-256.</summary>
internal static class RecoveryCodes
{
    private const int Count = 10, Length = 16;
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>Replaces the account's codes, in the caller's transaction; the new ones, written in groups of four.</summary>
    public static string[] Replace(Statements s, int accountId)
    {
        s.Execute("""DELETE FROM "RecoveryCodes" WHERE "AccountId"=@p0""", accountId);
        string[] codes = [.. Enumerable.Range(0, Count)
            .Select(_ => string.Join('-', RandomNumberGenerator.GetString(Alphabet, Length).Chunk(4).Select(c => new string(c))))];
        foreach (string code in codes)
            s.Execute("""INSERT INTO "RecoveryCodes" ("AccountId", "Hash") VALUES (@p0, @p1)""", accountId, Hash(code));
        return codes;
    }

    /// <summary>How many of the account's are left.</summary>
    public static int Left(Statements s, int accountId) =>
        s.All("""SELECT count(*) FROM "RecoveryCodes" WHERE "AccountId"=@p0""", r => r.GetInt32(0), accountId)[0];

    /// <summary>Uses a code up; false where it is not one of the account's, or was used.</summary>
    public static bool Use(Statements s, int accountId, string code) =>
        s.Execute("""DELETE FROM "RecoveryCodes" WHERE "AccountId"=@p0 AND "Hash"=@p1""", accountId, Hash(code)) == 1;

    // Dashes, spaces and case are for the reader's eye, who takes a 0 for an o and a 1 for an l.
    private static string Hash(string code) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(
            code.Where(c => !CodeText.IsBlank(c) && !CodeText.IsDash(c)).Select(Folded)))));

    private static char Folded(char c) => char.ToLowerInvariant(c) switch { 'o' => '0', 'l' or 'i' => '1', var other => other };
}
