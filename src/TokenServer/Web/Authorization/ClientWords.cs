using TokenServer.Clients;

namespace TokenServer.Web.Authorization;

/// <summary>A client in words.</summary>
internal static class ClientWords
{
    public static string NameOf(Client client) => client.Name is { Length: > 0 } name ? name : client.ClientId;

    /// <summary>Where a redirect address is, for a person.</summary>
    public static string PlaceOf(string redirectUri)
    {
        var uri = new Uri(redirectUri);
        if (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp) return "an app on this device";
        return uri.IsLoopback ? "a program on this computer" : uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}";
    }

    /// <summary>An address that a page may link to; null for what is none of the web.</summary>
    public static string? LinkOf(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) ? uri.AbsoluteUri : null;
}
