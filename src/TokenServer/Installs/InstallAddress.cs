using InstallLifecycle;
using TokenServer.Foundation;

namespace TokenServer.Installs;

/// <summary>Installers come to where the issuer is, whatever the page's own address is called.</summary>
internal sealed class InstallAddress(Issuer issuer) : IInstallAddress
{
    public string Of(HttpRequest request) => issuer.Address(request, "");
}
