using TokenServer.Accounts.Passkeys;
using TokenServer.Foundation;

namespace TokenServer.SignIns;

/// <summary>Whom a passkey is made for, by the issuer that the browser knows (WebAuthn section 5.1.3).</summary>
internal sealed class RelyingParties
{
    private const string Setting = "Passkeys:RelyingPartyId";
    private readonly string? domain;

    /// <exception cref="SettingException">The domain is not the issuer's host, nor a parent of it: no browser would make a
    /// passkey.</exception>
    public RelyingParties(PasskeysOptions options, TokenServerOptions server)
    {
        domain = string.IsNullOrEmpty(options.RelyingPartyId) ? null : options.RelyingPartyId;
        if (domain is null || string.IsNullOrEmpty(server.Issuer)) return;
        var issuer = new Uri(server.Issuer);
        if (issuer.HostNameType != UriHostNameType.Dns || !IsIn(issuer.IdnHost))
            throw new SettingException(Setting, $"'{domain}' is neither the issuer's host, {issuer.IdnHost}, nor a parent domain of it");
    }

    /// <summary>The relying party at <paramref name="issuer"/>; null, and why in words, where browsers have no passkeys for it.</summary>
    public (RelyingParty? Party, string? Why) Of(string issuer)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var uri)) return (null, "its address is none that browsers know");
        if (uri.HostNameType != UriHostNameType.Dns) return (null, $"this server is known by an IP address, {uri.Host}, and has no name");
        string host = uri.IdnHost;
        bool isLocal = host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);
        if (uri.Scheme != Uri.UriSchemeHttps && !isLocal) return (null, "this server is not reached over HTTPS");
        if (domain is not null && !IsIn(host)) return (null, $"passkeys are for {domain}, and this is {host}");
        return (new RelyingParty(domain ?? host, $"{uri.Scheme}://{host}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}"), null);
    }

    private bool IsIn(string host) => host == domain || host.EndsWith("." + domain, StringComparison.Ordinal);
}
