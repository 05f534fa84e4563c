using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using TokenServer.Tests.Samples;

namespace TokenServer.Tests.Deployment;

/// <summary>What is delivered for running the server, and ports to try it on.</summary>
internal static class DeploymentFiles
{
    /// <summary>The full path of a file in <c>deploy/</c>.</summary>
    public static string PathOf(string name) => Path.Combine(SampleFiles.RepositoryRoot, "deploy", name);

    /// <summary>A port that nobody has at the moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>How a client trusts one certificate and no other.</summary>
    public static SslClientAuthenticationOptions Trusting(X509Certificate2 certificate) => new()
    {
        CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { certificate }, RevocationMode = X509RevocationMode.NoCheck },
    };
}
