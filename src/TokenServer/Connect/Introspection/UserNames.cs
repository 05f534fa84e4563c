using Microsoft.Extensions.Caching.Memory;
using TokenServer.Accounts;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Connect.Introspection;

/// <summary>Remembers, for a minute and for so many accounts, the user name that introspection tells beside <c>sub</c>.</summary>
internal sealed class UserNames : IDisposable
{
    private const int MostNames = 10_000;
    private static readonly MemoryCacheEntryOptions Minute = For(TimeSpan.FromMinutes(1)), Moment = For(TimeSpan.FromSeconds(5));
    private readonly UserAccounts accounts;
    private readonly MemoryCache names = new(new MemoryCacheOptions { SizeLimit = MostNames });

    public UserNames(UserAccounts accounts)
    {
        this.accounts = accounts;
        Of = Find;
    }

    /// <summary>The user name of a token's account; null where it has none, or the database does not tell it.</summary>
    public Func<KnownToken, string?> Of { get; }

    public void Dispose() => names.Dispose();

    private string? Find(KnownToken token)
    {
        if (token.UserName is not null || token.SessionId is null) return token.UserName;
        string subject = token.Subject;
        if (names.TryGetValue(subject, out string? name)) return name;
        try
        {
            return names.Set(subject, accounts.Find(int.Parse(subject))?.UserName, Minute);
        }
        catch (StorageUnavailableException)
        {
            // That the token is good does not hang on the name, which RFC 7662 section 2.2 leaves out where it likes; nor is everybody
            // to wait for a database that is away.
            return names.Set<string?>(subject, null, Moment);
        }
    }

    private static MemoryCacheEntryOptions For(TimeSpan time) => new() { Size = 1, AbsoluteExpirationRelativeToNow = time };
}
