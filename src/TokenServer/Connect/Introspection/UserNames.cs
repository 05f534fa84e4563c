using Microsoft.Extensions.Caching.Memory;
using TokenServer.Accounts;

namespace TokenServer.Connect.Introspection;

/// <summary>Remembers, for a minute and for so many accounts, the user name that introspection tells beside <c>sub</c>.</summary>
internal sealed class UserNames(UserAccounts accounts) : IDisposable
{
    private const int MostNames = 10_000;
    private static readonly MemoryCacheEntryOptions Minute = new() { Size = 1, AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) };
    private readonly MemoryCache names = new(new MemoryCacheOptions { SizeLimit = MostNames });

    /// <summary>The user name of the account whose id is <paramref name="subject"/>.</summary>
    public string? Of(string subject) => names.TryGetValue(subject, out string? name) ? name : names.Set(subject, accounts.Find(int.Parse(subject))?.UserName, Minute);

    public void Dispose() => names.Dispose();
}
