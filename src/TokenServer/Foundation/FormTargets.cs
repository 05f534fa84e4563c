using System.Text.RegularExpressions;

namespace TokenServer.Foundation;

/// <summary>Where a page's forms may lead beside this server: a browser holds what follows a form, a client's address too, to the page's
/// <c>form-action</c> (CSP Level 3, section 6.4.1).</summary>
internal static partial class FormTargets
{
    private static readonly object Key = new();

    /// <summary>Lets the forms of the page that answers <paramref name="context"/> lead to <paramref name="address"/>, which a client has
    /// registered.</summary>
    public static void Allow(HttpContext context, string? address)
    {
        if (address is not null && SourceOf(address) is { } source) context.Items[Key] = source;
    }

    /// <summary>What was allowed; null for this server alone.</summary>
    public static string? Of(HttpContext context) => context.Items.TryGetValue(Key, out object? source) ? source as string : null;

    /// <summary>The source expression of an address: its origin, or its scheme where it has none that can be written. Null for what is no
    /// address that a client may register.</summary>
    public static string? SourceOf(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)) return null;
        bool isWeb = uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp;
        // The grammar of host sources knows no IPv6 address.
        string source = !isWeb || uri.HostNameType == UriHostNameType.IPv6 ? uri.Scheme + ":"
            : $"{uri.Scheme}://{uri.IdnHost}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}";
        return Plain().IsMatch(source) ? source : null;
    }

    // It stands in a header where blanks, commas and semicolons mean something; and these schemes lead nowhere.
    [GeneratedRegex(@"^(?!(javascript|data|blob|file|about):)[a-z][a-z0-9+.-]*:(//[a-z0-9.-]+(:[0-9]+)?)?\z")]
    private static partial Regex Plain();
}
