using TokenServer.Storage;

namespace TokenServer.Accounts.TwoFactor;

/// <summary>An authenticator app of an account.</summary>
/// <param name="Id">In time order; of one from before there were several, the account's number.</param>
/// <param name="AccountId">Whose.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="CreatedAt">When it was added, UTC; null where that was before it was kept.</param>
/// <param name="LastUsedAt">When a code of it was last accepted, UTC.</param>
internal sealed record Authenticator(long Id, int AccountId, string Name, DateTime? CreatedAt, DateTime? LastUsedAt)
{
    public const int LongestName = 100, Most = 3;

    /// <summary>What one is called that nobody has given a name.</summary>
    public const string UsualName = "Authenticator app";

    /// <summary>The id as people and programs have it.</summary>
    public string PublicId => TimeOrderedId.ToText(Id);
}
