using Microsoft.Extensions.Caching.Memory;
using TokenServer.Accounts;
using TokenServer.Storage;

namespace TokenServer.Connect.Introspection;

/// <summary>Remembers, for a minute and for so many accounts, the user name that introspection tells beside <c>sub</c>.</summary>
internal sealed class UserNames(UserAccounts accounts) : IDisposable
{
    private const int MostNames = 10_000;
    private static readonly MemoryCacheEntryOptions Minute = For(TimeSpan.FromMinutes(1)), Moment = For(TimeSpan.FromSeconds(5));
    private readonly MemoryCache names = new(new MemoryCacheOptions { SizeLimit = MostNames });

    /// <summary>The user name of the account whose id is <paramref name="subject"/>; null where the database does not tell it.</summary>
    public string? Of(string subject)
    {
        if (names.TryGetValue(subject, out string? name)) return name;
        try
        {
            return names.Set(subject, accounts.Find(int.Parse(subject))?.UserName, Minute);
        }
        catch (StorageUnavailableException)
        {
            // That the token is good does not hang on the name, which RFC 7662 section 2.2 leaves out where it likes; nor is everybody to wait for a database that is away.
            return names.Set<string?>(subject, null, Moment);
        }
    }

    public void Dispose() => names.Dispose();

    private static MemoryCacheEntryOptions For(TimeSpan time) => new() { Size = 1, AbsoluteExpirationRelativeToNow = time };
}
