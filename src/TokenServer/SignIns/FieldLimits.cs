namespace TokenServer.SignIns;

/// <summary>How long a text may be in a field of the account faces' requests, in characters.</summary>
internal static class FieldLimits
{
    public const int Login = Accounts.UserAccounts.LongestLogin, Password = Protection.PasswordHashing.LongestPassword,
        Token = 8192, Code = 100;
}
